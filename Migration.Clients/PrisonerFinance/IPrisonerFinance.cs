using Refit;

namespace Migration.Clients.PrisonerFinance;

/// <summary>Prisoners' money in DPS.</summary>
public interface IPrisonerFinance
{
    /// <summary>
    /// Posts those rows of a transaction that are not posted yet, each once by its entry sequence; a row that is posted is not corrected.
    /// So the same again is harmless and finishes what is missing, but every answer names another DPS transaction.
    /// The request id is echoed and kept; nothing is recognised by it.
    /// 201 when something was posted, 200 when all of it had been.
    /// 422 although some rows were posted: <see cref="TransactionReceipt.Read"/> reads its body, and the same request posts the others.
    /// </summary>
    [Post("/sync/offender-transactions")]
    Task<IApiResponse<TransactionReceipt>> Sync([Body] SyncTransaction transaction, CancellationToken ct);
}
