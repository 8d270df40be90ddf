using Migration.Clients.NomisPrisoner;

namespace Migration.Tests.FinanceTransactions;

/// <summary>The transaction of the acceptance list (spec: finance-transactions 2.1).</summary>
static class SampleTransaction
{
    public const long Id = 2345678;

    public static readonly Guid RequestId = new("abcdef01-0000-1111-2222-000011112222");

    public static OffenderTransaction Row(int entry = 1, Action<OffenderTransaction>? change = null)
    {
        var row = new OffenderTransaction
        {
            TransactionId = Id,
            TransactionEntrySequence = entry,
            OffenderId = 101,
            OffenderNo = "A3864DZ",
            BookingId = 1234,
            CaseloadId = "SWI",
            Amount = 5.42m,
            Type = "type",
            PostingType = PostingType.Credit,
            Description = "desc",
            Reference = "ref",
            SubAccountType = SubAccountType.Regular,
            CreatedAt = new DateTime(2021, 2, 3, 4, 5, 6),
            CreatedBy = "me",
            CreatedByDisplayName = "Me",
            LastModifiedAt = new DateTime(2021, 2, 3, 4, 5, 59),
            LastModifiedBy = "you",
            LastModifiedByDisplayName = "You",
            GeneralLedgerTransactions = [Ledger(1)],
        };
        change?.Invoke(row);
        return row;
    }

    public static GeneralLedgerTransaction Ledger(int entry, Action<GeneralLedgerTransaction>? change = null)
    {
        var row = new GeneralLedgerTransaction
        {
            TransactionId = Id,
            TransactionEntrySequence = 1,
            GeneralLedgerEntrySequence = entry,
            Amount = 6.71m,
            PostingType = PostingType.Credit,
            AccountCode = 1021,
            TransactionTimestamp = new DateTime(2021, 2, 3, 4, 5, 9),
        };
        change?.Invoke(row);
        return row;
    }
}
