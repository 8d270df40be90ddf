using Migration.Clients.PrisonerFinance;
using Migration.Sagas.Domains.FinanceTransactions;
using NomisPosting = Migration.Clients.NomisPrisoner.PostingType;
using SubAccountType = Migration.Clients.NomisPrisoner.SubAccountType;
using static Migration.Tests.FinanceTransactions.SampleTransaction;

namespace Migration.Tests.FinanceTransactions;

/// <summary>From the rows of a NOMIS transaction to the request that carries them (spec: finance-transactions 3.1).</summary>
public sealed class Transaction_translation_Specs
{
    [Test]
    public void Should_carry_every_field() => Assert.That(TransactionTranslation.Translate([Row()], RequestId), Is.EqualTo(new SyncTransaction // P2
    {
        TransactionId = 2345678,
        RequestId = RequestId,
        CaseloadId = "SWI",
        TransactionTimestamp = new DateTime(2021, 2, 3, 4, 5, 9),
        CreatedAt = new DateTime(2021, 2, 3, 4, 5, 6),
        CreatedBy = "me",
        CreatedByDisplayName = "Me",
        LastModifiedAt = new DateTime(2021, 2, 3, 4, 5, 59),
        LastModifiedBy = "you",
        LastModifiedByDisplayName = "You",
        OffenderTransactions =
        [
            new SyncOffenderTransaction
            {
                EntrySequence = 1,
                OffenderId = 101,
                OffenderDisplayId = "A3864DZ",
                OffenderBookingId = 1234,
                SubAccountType = "REG",
                PostingType = PostingType.Credit,
                Type = "type",
                Description = "desc",
                Amount = 5.42m,
                Reference = "ref",
                GeneralLedgerEntries = [new SyncGeneralLedgerEntry { EntrySequence = 1, Code = 1021, PostingType = PostingType.Credit, Amount = 6.71m }],
            },
        ],
    }).UsingPropertiesComparer());

    [Test]
    public void Should_sort_rows_and_take_the_header_from_the_first_whatever_their_order()
    {
        var rows = new[]
        {
            Row(2, x => (x.CaseloadId, x.CreatedBy, x.LastModifiedBy, x.OffenderNo) = ("MDI", "other", "other", "A1234BC")),
            Row(10, x => (x.CaseloadId, x.CreatedBy, x.LastModifiedBy) = ("LEI", "other", "other")),
            Row(1),
        };

        var target = TransactionTranslation.Translate(rows, RequestId);

        Assert.That(target.OffenderTransactions.Select(x => (x.EntrySequence, x.OffenderDisplayId)), Is.EqualTo(new[] { (1, "A3864DZ"), (2, "A1234BC"), (10, "A3864DZ") }));
        Assert.That((target.CaseloadId, target.CreatedBy, target.LastModifiedBy), Is.EqualTo(("SWI", "me", "you")));
    }

    [Test]
    public void Should_sort_the_general_ledger_of_a_row_and_take_the_time_from_its_first_entry()
    {
        var later = new DateTime(2021, 2, 3, 9, 0, 0);
        var row = Row(change: x => x.GeneralLedgerTransactions = [Ledger(10, l => l.TransactionTimestamp = later), Ledger(2, l => l.TransactionTimestamp = later), Ledger(1)]);

        var target = TransactionTranslation.Translate([row], RequestId);

        Assert.That(target.OffenderTransactions.Single().GeneralLedgerEntries.Select(x => x.EntrySequence), Is.EqualTo(new[] { 1, 2, 10 }));
        Assert.That(target.TransactionTimestamp, Is.EqualTo(new DateTime(2021, 2, 3, 4, 5, 9)));
    }

    [Test]
    public void Should_take_the_time_of_creation_when_the_first_row_has_no_general_ledger_though_another_has()
    {
        var target = TransactionTranslation.Translate([Row(2), Row(1, x => x.GeneralLedgerTransactions = [])], RequestId);

        Assert.That(target.TransactionTimestamp, Is.EqualTo(new DateTime(2021, 2, 3, 4, 5, 6)));
        Assert.That(target.OffenderTransactions.Select(x => x.GeneralLedgerEntries.Count), Is.EqualTo(new[] { 0, 1 }));
    }

    [TestCase(NomisPosting.Credit, PostingType.Credit)]
    [TestCase(NomisPosting.Debit, PostingType.Debit)]
    public void Should_keep_credit_and_debit_of_a_row_and_of_its_general_ledger(NomisPosting posting, PostingType expected)
    {
        var other = posting == NomisPosting.Credit ? NomisPosting.Debit : NomisPosting.Credit;
        var row = Row(change: x => (x.PostingType, x.GeneralLedgerTransactions) = (posting, [Ledger(1, l => l.PostingType = posting), Ledger(2, l => l.PostingType = other)]));

        var target = TransactionTranslation.Translate([row], RequestId).OffenderTransactions.Single();

        Assert.That((target.PostingType, target.GeneralLedgerEntries[0].PostingType), Is.EqualTo((expected, expected)));
        Assert.That(target.GeneralLedgerEntries[1].PostingType, Is.Not.EqualTo(expected));
    }

    [TestCase(SubAccountType.Regular, "REG"), TestCase(SubAccountType.Savings, "SAV"), TestCase(SubAccountType.Spending, "SPND"), TestCase(SubAccountType.Release, "REL")]
    public void Should_name_a_sub_account_as_nomis_does(SubAccountType account, string name) =>
        Assert.That(TransactionTranslation.Translate([Row(change: x => x.SubAccountType = account)], RequestId).OffenderTransactions.Single().SubAccountType, Is.EqualTo(name));

    [Test]
    public void Should_leave_out_what_nomis_does_not_say()
    {
        var row = Row(change: x => (x.BookingId, x.Reference, x.LastModifiedAt, x.LastModifiedBy, x.LastModifiedByDisplayName) = (null, null, null, null, null));

        var target = TransactionTranslation.Translate([row], RequestId);

        Assert.That((target.LastModifiedAt, target.LastModifiedBy, target.LastModifiedByDisplayName), Is.EqualTo(((DateTime?)null, (string?)null, (string?)null)));
        Assert.That((target.OffenderTransactions.Single().OffenderBookingId, target.OffenderTransactions.Single().Reference), Is.EqualTo(((long?)null, (string?)null)));
    }
}
