using Refit;

namespace Migration.Clients.NomisMapping;

/// <summary>Which DPS transaction stands for which NOMIS transaction.</summary>
public interface ITransactionMappings
{
    /// <summary>404 means that the transaction is not mapped.</summary>
    [Get("/mapping/transactions/nomis-transaction-id/{transactionId}")]
    Task<IApiResponse<TransactionMapping>> FindByNomisId(long transactionId, CancellationToken ct);

    /// <summary>404 means that the transaction is not mapped.</summary>
    [Get("/mapping/transactions/dps-transaction-id/{dpsTransactionId}")]
    Task<IApiResponse<TransactionMapping>> FindByDpsId(string dpsTransactionId, CancellationToken ct);

    /// <summary>
    /// 201 without a body, also for the very same pair again.
    /// 409 when either id is mapped to something else: <see cref="DuplicateTransactionMapping.Read"/> reads its body.
    /// </summary>
    [Post("/mapping/transactions")]
    Task<IApiResponse> Create([Body] TransactionMapping mapping, CancellationToken ct);
}
