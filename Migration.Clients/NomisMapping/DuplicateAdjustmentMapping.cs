using Migration.Clients.Json;

namespace Migration.Clients.NomisMapping;

public partial class DuplicateAdjustmentMapping
{
    /// <summary>
    /// Reads the body of a 409. Null when there is none or it cannot be read. The existing mapping is null when two requests met in
    /// the database: which of them won is then found by a look-up.
    /// </summary>
    public static DuplicateAdjustmentMapping? Read(string? errorBody) => ErrorBodies.Read<DuplicateAdjustmentMapping>(errorBody);
}
