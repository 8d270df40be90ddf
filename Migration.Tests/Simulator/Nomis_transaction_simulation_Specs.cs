using Migration.Clients.NomisPrisoner;
using Migration.Simulator;

namespace Migration.Tests.Simulator;

internal sealed class Nomis_transaction_simulation_Specs : EstateFixture
{
    private INomisTransactions Transactions => Client<INomisTransactions>();

    protected override EstateOptions Options => base.Options with { LargestTransaction = 3000 };

    [Test]
    public async Task Should_tell_a_transaction_with_its_ledger_in_no_order()
    {
        var id = Ids.First(id => Estate.Transactions.EntriesOf(id) is > 4 and < 50 && !Estate.Transactions.IsOfPrisonAlone(id));

        var rows = (await Transactions.GetTransaction(id, default)).Content!;
        var ledger = (await Transactions.GetGeneralLedger(id, default)).Content!;

        Assert.Multiple(() =>
        {
            Assert.That(rows.Select(row => row.TransactionEntrySequence), Is.EquivalentTo(Enumerable.Range(1, Estate.Transactions.EntriesOf(id))).And.Not.Ordered);
            Assert.That(rows.Select(row => row.TransactionId), Is.All.EqualTo(id));
            Assert.That(rows.Sum(row => row.GeneralLedgerTransactions.Count), Is.EqualTo(ledger.Count));
            Assert.That(rows.Select(row => row.OffenderNo).Distinct().Count(), Is.GreaterThan(1));
        });
    }

    [Test]
    public async Task Should_hold_transactions_of_thousands_of_rows()
    {
        var largest = Ids.MaxBy(Estate.Transactions.EntriesOf);

        var rows = (await Transactions.GetTransaction(largest, default)).Content!;

        Assert.That(rows, Has.Count.InRange(2000, 3000));
    }

    [Test]
    public async Task Should_tell_nothing_of_prisoners_in_a_transaction_of_the_prison_alone()
    {
        var id = Ids.First(Estate.Transactions.IsOfPrisonAlone);

        var rows = (await Transactions.GetTransaction(id, default)).Content!;
        var ledger = (await Transactions.GetGeneralLedger(id, default)).Content!;

        Assert.Multiple(() =>
        {
            Assert.That(rows, Is.Empty);
            Assert.That(ledger, Is.Not.Empty);
        });
    }

    [Test]
    public async Task Should_answer_an_unknown_transaction_with_nothing() =>
        Assert.That((await Transactions.GetTransaction(long.MaxValue, default)).Content, Is.Empty);

    [Test]
    public async Task Should_show_a_new_transaction_commit_by_commit()
    {
        var id = Estate.Transactions.Begin();
        while (Estate.Transactions.IsOfPrisonAlone(id) || Estate.Transactions.LedgerRowsOf(id, 1) == 0)
            id = Estate.Transactions.Begin();

        var seen = new List<(int Rows, int Ledger)>();
        for (var commits = 0; commits < 4; commits++)
        {
            var rows = (await Transactions.GetTransaction(id, default)).Content!;
            seen.Add((rows.Count, rows.Sum(row => row.GeneralLedgerTransactions.Count)));
            Estate.Transactions.Commit(id, 1);
        }

        Assert.That(seen, Is.EqualTo(new[] { (0, 0), (1, 0), (1, 1), (1, 2) }));
    }

    [Test]
    public async Task Should_stamp_a_transaction_that_was_changed()
    {
        var id = Ids.First(id => !Estate.Transactions.IsOfPrisonAlone(id));
        var before = (await Transactions.GetTransaction(id, default)).Content!.First();

        Estate.Transactions.Touch(id);

        var after = (await Transactions.GetTransaction(id, default)).Content!.First();
        Assert.Multiple(() =>
        {
            Assert.That((before.LastModifiedAt, before.LastModifiedByDisplayName), Is.EqualTo(((DateTime?)null, "Unknown")));
            Assert.That(after.LastModifiedAt, Is.GreaterThan(after.CreatedAt));
            Assert.That(after.Amount, Is.EqualTo(before.Amount));
        });
    }

    private IEnumerable<long> Ids => Enumerable.Range(1, Estate.Transactions.Count).Select(id => (long)id);
}
