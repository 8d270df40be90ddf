using Migration.Clients.NomisPrisoner;
using Migration.Clients.PrisonerFinance;
using NomisPosting = Migration.Clients.NomisPrisoner.PostingType;
using PostingType = Migration.Clients.PrisonerFinance.PostingType;

namespace Migration.Sagas.Domains.FinanceTransactions;

/// <summary>
/// From the rows of a NOMIS transaction to the one request that carries them (spec: finance-transactions 3.1). NOMIS names no
/// order, so rows are sorted by their sequences: what is read of the first row is then always the same. Pure.
/// </summary>
public static class TransactionTranslation
{
    /// <param name="rows">All rows of one transaction; at least one.</param>
    /// <param name="requestId">The event's id: echoed, and not recognised by anybody.</param>
    public static SyncTransaction Translate(IReadOnlyList<OffenderTransaction> rows, Guid requestId)
    {
        OffenderTransaction[] sorted = [.. rows.OrderBy(x => x.TransactionEntrySequence)];
        var first = sorted[0];
        return new SyncTransaction
        {
            TransactionId = first.TransactionId,
            RequestId = requestId,
            CaseloadId = first.CaseloadId,
            TransactionTimestamp = InOrder(first).FirstOrDefault()?.TransactionTimestamp ?? first.CreatedAt,
            CreatedAt = first.CreatedAt,
            CreatedBy = first.CreatedBy,
            CreatedByDisplayName = first.CreatedByDisplayName,
            LastModifiedAt = first.LastModifiedAt,
            LastModifiedBy = first.LastModifiedBy,
            LastModifiedByDisplayName = first.LastModifiedByDisplayName,
            OffenderTransactions = [.. sorted.Select(Row)],
        };
    }

    static SyncOffenderTransaction Row(OffenderTransaction row) => new()
    {
        EntrySequence = row.TransactionEntrySequence,
        OffenderId = row.OffenderId,
        OffenderDisplayId = row.OffenderNo,
        OffenderBookingId = row.BookingId,
        SubAccountType = WireName.Of(row.SubAccountType),
        PostingType = Posting(row.PostingType),
        Type = row.Type,
        Description = row.Description,
        Amount = row.Amount,
        Reference = row.Reference,
        GeneralLedgerEntries = [.. InOrder(row).Select(x => new SyncGeneralLedgerEntry
        {
            EntrySequence = x.GeneralLedgerEntrySequence,
            Code = x.AccountCode,
            PostingType = Posting(x.PostingType),
            Amount = x.Amount,
        })],
    };

    static IEnumerable<GeneralLedgerTransaction> InOrder(OffenderTransaction row) => row.GeneralLedgerTransactions.OrderBy(x => x.GeneralLedgerEntrySequence);

    static PostingType Posting(NomisPosting posting) => posting == NomisPosting.Credit ? PostingType.Credit : PostingType.Debit;
}
