using System.Text.Json;

namespace Migration.Clients.Json;

/// <summary>Reads what an upstream says about a call that it refused.</summary>
internal static class ErrorBodies
{
    /// <summary>Null when there is none or it cannot be read.</summary>
    public static T? Read<T>(string? errorBody)
        where T : class
    {
        if (string.IsNullOrWhiteSpace(errorBody))
            return null;

        try
        {
            return JsonSerializer.Deserialize<T>(errorBody, ClientSettings.Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
