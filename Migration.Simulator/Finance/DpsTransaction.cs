namespace Migration.Simulator.Finance;

/// <summary>What DPS holds of a NOMIS transaction.</summary>
/// <param name="Rows">Rows that are posted, by entry.</param>
/// <param name="Receipts">Ids that DPS gave, one for each request that it accepted, oldest first.</param>
/// <param name="RequestIds">Those of the same requests.</param>
/// <param name="IsRefused">Whether the last request held no row that can be posted.</param>
public sealed record DpsTransaction(
    long TransactionId, IReadOnlyList<DpsTransactionRow> Rows, IReadOnlyList<Guid> Receipts, IReadOnlyList<Guid> RequestIds, bool IsRefused);

/// <summary>A row that is posted; it stays as it was posted.</summary>
/// <param name="LedgerRows">General-ledger rows that came with it.</param>
/// <param name="IsLedgerMadeUp">Whether DPS made the general-ledger rows up, because none came with it.</param>
public sealed record DpsTransactionRow(int Entry, decimal Amount, int LedgerRows, bool IsLedgerMadeUp);
