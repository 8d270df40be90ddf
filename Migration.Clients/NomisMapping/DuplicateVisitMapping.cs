using Migration.Clients.Json;

namespace Migration.Clients.NomisMapping;

public partial class DuplicateVisitMapping
{
    /// <summary>Reads the body of a 409. Null when there is none or it cannot be read.</summary>
    public static DuplicateVisitMapping? Read(string? errorBody) => ErrorBodies.Read<DuplicateVisitMapping>(errorBody);
}
