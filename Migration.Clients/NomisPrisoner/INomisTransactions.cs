using Refit;

namespace Migration.Clients.NomisPrisoner;

/// <summary>Finance transactions in NOMIS. One transaction has up to thousands of rows. Amounts are pounds; date-times are local to England.</summary>
public interface INomisTransactions
{
    /// <summary>
    /// The prisoners' rows, each with its general-ledger rows, both in no order. Empty for a transaction of the prison alone and for one
    /// that there is not.
    /// </summary>
    [Get("/transactions/{transactionId}")]
    Task<IApiResponse<List<OffenderTransaction>>> GetTransaction(long transactionId, CancellationToken ct);

    /// <summary>All general-ledger rows, in no order; empty for a transaction that there is not.</summary>
    [Get("/transactions/{transactionId}/general-ledger")]
    Task<IApiResponse<List<GeneralLedgerTransaction>>> GetGeneralLedger(long transactionId, CancellationToken ct);
}
