namespace Migration.Simulator.Nomis;

/// <summary>One entry of a prisoner's account. Amounts are pounds, times are local.</summary>
public sealed record NomisTransactionRow
{
    public required long TransactionId { get; init; }
    public required int Entry { get; init; }
    public required long OffenderId { get; init; }
    public required string OffenderNo { get; init; }
    public long? BookingId { get; init; }
    public required string Caseload { get; init; }
    public required decimal Amount { get; init; }
    public required string Type { get; init; }
    public required bool IsCredit { get; init; }
    public required string SubAccount { get; init; }
    public string? Reference { get; init; }
    public required DateTime Created { get; init; }
    public required string CreatedBy { get; init; }
    public DateTime? Modified { get; init; }
    public string? ModifiedBy { get; init; }
    public required IReadOnlyList<NomisLedgerRow> Ledger { get; init; }
}

/// <summary>One posting in the general ledger.</summary>
public sealed record NomisLedgerRow(
    long TransactionId, int Entry, int LedgerEntry, string Caseload, decimal Amount, string Type, bool IsCredit, int AccountCode, DateTime Timestamp);
