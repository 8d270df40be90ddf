using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>A transaction of thousands of rows, each of which tells of itself (spec: finance-transactions 1, 6.6).</summary>
sealed class Large_transaction_Specs : SyncServiceFixture
{
    const int Entries = 1000;

    // Of one in a hundred transactions a quarter of the entries may be missing.
    protected override EstateOptions EstateOptions => new() { Visits = 1, Prisoners = 200, Transactions = 1, LargestTransaction = Entries * 4 / 3, Clean = true };

    // The grace ends at the test's word, not while the events still come.
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?> { ["finance.transactions.forwardingDelaySeconds"] = "900" };

    [Test]
    public async Task Should_post_all_rows_of_a_transaction_once_though_each_raises_an_event()
    {
        var id = LargeTransaction();
        var rows = Estate.Transactions.RowsInOrder(id).ToList();
        Assert.That(rows, Has.Count.GreaterThanOrEqualTo(3 * Entries));

        await Estate.Events.SendAsync(Target, rows.Select(x => Inserted(id, x.Entry, x.LedgerEntry)));
        await Eventually.IsTrue(async () => await EndedAsync() == rows.Count - 1, "all events but one are covered");
        Assert.That(Estate.RequestsOf(Operations.GetTransaction), Is.Zero);
        await World.ExecuteAsync("update migration.syncs set due_at = clock_timestamp() where state = 'Grace'"); // as if the timer's word were lost
        await Eventually.IsTrue(async () => await EndedAsync() == rows.Count, "the transaction is carried over");

        var report = Estate.Transaction(id);
        Assert.Multiple(() =>
        {
            Assert.That(Count(Operations.GetTransaction, Operations.SyncTransaction, Operations.CreateTransactionMapping), Is.EqualTo((1, 1, 1)));
            Assert.That((report.NomisRows, report.Dps!.Rows.Count, report.MissingEntries.Count, report.IncompleteEntries.Count), Is.EqualTo((Estate.Transactions.EntriesOf(id), report.NomisRows, 0, 0)));
            Assert.That(report.Mapping!.DpsId, Is.EqualTo(report.Dps!.Receipts.Single().ToString()));
        });
        Assert.That(await World.ReadAsync<long>("select count(*) from migration.syncs where state = 'Completed'"), Is.EqualTo(1));
        await Sqs.PurgeQueueAsync((await Sqs.GetQueueUrlAsync("migration-syncs")).QueueUrl); // of the timer
    }

    long LargeTransaction()
    {
        long id;
        do
            id = Estate.Transactions.Begin();
        while (Estate.Transactions.EntriesOf(id) < Entries || Estate.Transactions.IsOfPrisonAlone(id));
        Estate.Transactions.Commit(id, int.MaxValue / 2);
        return id;
    }

    NomisEvent Inserted(long id, int entry, int ledgerEntry)
    {
        var (_, offenderNo, bookingId) = Estate.Transactions.AccountOf(id, entry);
        return ledgerEntry == 0
            ? NomisEvents.OffenderTransaction(id, entry, "SWI", offenderNo, bookingId, "OTDSUBAT", isInsert: true)
            : NomisEvents.GeneralLedgerTransaction(id, entry, ledgerEntry, "SWI", offenderNo, bookingId, "OTDSUBAT", isInsert: true);
    }

    async Task<long> EndedAsync() => await World.ReadAsync<long>("select count(*) from migration.syncs where ended_at is not null");
}
