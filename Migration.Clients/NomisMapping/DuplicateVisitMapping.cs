using System.Text.Json;

namespace Migration.Clients.NomisMapping;

public partial class DuplicateVisitMapping
{
    /// <summary>Reads the body of a 409. Null when there is none or it cannot be read.</summary>
    public static DuplicateVisitMapping? Read(string? errorBody)
    {
        if (string.IsNullOrWhiteSpace(errorBody))
            return null;

        try
        {
            return JsonSerializer.Deserialize<DuplicateVisitMapping>(errorBody, ClientSettings.Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
