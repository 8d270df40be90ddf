using Migration.Clients.Json;

namespace Migration.Clients.PrisonerFinance;

public partial class TransactionReceipt
{
    /// <summary>Reads the body of a 422. Null when there is none or it cannot be read.</summary>
    public static TransactionReceipt? Read(string? errorBody) => ErrorBodies.Read<TransactionReceipt>(errorBody);
}
