using System.Text.Json.Nodes;
using Migration.Clients.PrisonerFinance;
using Migration.Clients.SentencingAdjustments;
using Migration.Simulator;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;

namespace Migration.Tests.Simulator;

internal sealed class Event_reconciliation_Specs : EstateFixture
{
    protected override EstateOptions Options => base.Options with { Prisoners = 20, Clean = true, Synchronised = true };

    private ISentencingAdjustments Sentencing => Client<ISentencingAdjustments>();

    [Test]
    public void Should_balance_when_everything_is_synchronised()
    {
        var reconciliation = Estate.ReconcileAdjustments();

        Assert.Multiple(() =>
        {
            Assert.That(reconciliation is { Duplicates.Count: 0, Unmapped.Count: 0, Missing.Count: 0, Lost.Count: 0, Stale.Count: 0, Leftover.Count: 0 });
            Assert.That((reconciliation.Dps, reconciliation.Mapped), Is.EqualTo((reconciliation.Source, reconciliation.Source)));
            Assert.That(reconciliation.Source, Is.Positive);
        });
    }

    [Test]
    public async Task Should_find_a_record_that_was_made_twice()
    {
        var report = Any();
        var record = (await Sentencing.Get(report.Records[0].Id, default)).Content!;

        var second = (await Sentencing.Create(record, default)).Content!.AdjustmentId;

        var reconciliation = Estate.ReconcileAdjustments();
        Assert.Multiple(() =>
        {
            Assert.That(reconciliation.Duplicates.First, Is.EqualTo(new[] { $"{report.Category} {report.Id}" }));
            Assert.That(reconciliation.Unmapped.First, Is.EqualTo(new[] { second }));
            Assert.That(reconciliation.Stale.Count, Is.Zero);
        });
    }

    [Test]
    public async Task Should_find_a_record_that_is_missing_or_out_of_date()
    {
        var (lost, stale) = (Any(), Any(skip: 1));
        await Sentencing.Delete(lost.Records[0].Id, default);
        Estate.Adjustments.Change(KeyOf(stale), adjustment => adjustment with { Days = adjustment.Days + 1 });

        var reconciliation = Estate.ReconcileAdjustments();
        Assert.Multiple(() =>
        {
            Assert.That(reconciliation.Missing.First, Is.EqualTo(new[] { KeyOf(lost).ToString() }));
            Assert.That(reconciliation.Lost.Count, Is.Zero, "no event told of it");
            Assert.That(reconciliation.Stale.First, Is.EqualTo(new[] { KeyOf(stale).ToString() }));
            Assert.That(Estate.Adjustment(KeyOf(stale)).Difference, Is.EqualTo("days"));
        });
    }

    [Test]
    public void Should_find_a_record_whose_adjustment_is_gone()
    {
        var report = Any();

        Estate.Adjustments.Remove(KeyOf(report));

        Assert.That(Estate.ReconcileAdjustments().Leftover.First, Is.EqualTo(report.Records.Select(record => record.Id)));
    }

    [Test]
    public async Task Should_stream_every_adjustment()
    {
        var lines = (await Http.GetStringAsync("simulator/adjustments")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        var one = JsonNode.Parse(await Http.GetStringAsync($"simulator/adjustments/{lines[0]["category"]}/{lines[0]["id"]}"))!;

        Assert.Multiple(() =>
        {
            Assert.That(lines.Select(line => new AdjustmentKey(AdjustmentKey.CategoryOf((string)line["category"]!), (long)line["id"]!)), Is.EqualTo(Estate.Adjustments.Keys()));
            Assert.That((long?)one["nomis"]!["days"], Is.EqualTo((long?)lines[0]["nomis"]!["days"]).And.Positive);
        });
    }

    [Test]
    public async Task Should_follow_a_transaction_from_row_to_row()
    {
        var id = Enumerable.Range(1, Options.Transactions).Select(number => (long)number).First(number => Estate.Transactions.EntriesOf(number) == 2 && !Estate.Transactions.IsOfPrisonAlone(number));
        var posted = await Client<IPrisonerFinance>().Sync(Transaction(id, entry: 1, ledgerRows: 1), default);

        var partly = Estate.Transaction(id);
        var unmapped = Estate.ReconcileTransactions();
        Estate.Map(new TransactionMapping(id, posted.Content!.SynchronizedTransactionId.ToString(), null, null, null, "NOMIS_CREATED", default));
        var mapped = Estate.ReconcileTransactions();

        Assert.Multiple(() =>
        {
            Assert.That(partly.NomisRows, Is.EqualTo(2));
            Assert.That((partly.MissingEntries.Single(), partly.IncompleteEntries.Single()), Is.EqualTo((2, 1)));
            Assert.That((unmapped.Unmapped.First.Single(), unmapped.Incomplete.First.Single(), unmapped.Unwanted.First.Single()), Is.EqualTo((id, id, id)), "no event asked for it");
            Assert.That((mapped.Unmapped.Count, mapped.WronglyMapped.Count, mapped.Mapped), Is.EqualTo((0, 0, 1)));
        });
    }

    [Test]
    public async Task Should_begin_again_where_it_began()
    {
        await Sentencing.Delete(Any().Records[0].Id, default);
        Estate.Prisoners.Merge(removed: 1, retained: 2);
        Estate.Transactions.Begin();

        Estate.Reset();

        Assert.Multiple(() =>
        {
            Assert.That(Estate.ReconcileAdjustments().Missing.Count, Is.Zero);
            Assert.That(Estate.Prisoners.Exists(1));
            Assert.That(Estate.Transactions.Last, Is.EqualTo(Options.Transactions));
        });
    }

    private static AdjustmentKey KeyOf(Migration.Simulator.Inspection.AdjustmentReport report) => new(AdjustmentKey.CategoryOf(report.Category), report.Id);

    private static SyncTransaction Transaction(long id, int entry, int ledgerRows) => new()
    {
        TransactionId = id,
        RequestId = Guid.NewGuid(),
        CaseloadId = "MDI",
        TransactionTimestamp = default,
        CreatedAt = default,
        CreatedBy = "me",
        CreatedByDisplayName = "Me",
        OffenderTransactions =
        [
            new SyncOffenderTransaction
            {
                EntrySequence = entry,
                OffenderId = 1,
                OffenderDisplayId = "G0001AA",
                SubAccountType = "REG",
                PostingType = PostingType.Debit,
                Type = "SPEN",
                Description = "",
                Amount = 1,
                GeneralLedgerEntries =
                [
                    .. Enumerable.Range(1, ledgerRows).Select(number => new SyncGeneralLedgerEntry { EntrySequence = number, Code = 2101, PostingType = PostingType.Credit, Amount = 1 }),
                ],
            },
        ],
    };

    private Migration.Simulator.Inspection.AdjustmentReport Any(int skip = 0) =>
        Estate.Adjustments.Keys().Select(Estate.Adjustment).Where(report => report.Nomis is { IsHidden: false }).Skip(skip).First();
}
