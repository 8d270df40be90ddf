using System.Text.Json;
using System.Text.Json.Nodes;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Nomis;

namespace Migration.Tests.Simulator;

internal sealed class Event_publisher_Specs : EventFixture
{
    [Test]
    public async Task Should_wrap_an_event_as_SNS_does()
    {
        var adjustment = Adjustment(AdjustmentCategory.Sentence);
        var id = Guid.NewGuid();

        await Estate.Events.SendAsync(Target, NomisEvents.AdjustmentUpserted(adjustment, "G0001AA", "OIDSENAD"), id);

        var envelope = (await ReceiveAllAsync(Sentencing)).Single();
        var message = JsonNode.Parse((string)envelope["Message"]!)!;
        Assert.Multiple(() =>
        {
            Assert.That((string?)envelope["Type"], Is.EqualTo("Notification"));
            Assert.That((string?)envelope["MessageId"], Is.EqualTo(id.ToString()));
            Assert.That((string?)envelope["MessageAttributes"]!["eventType"]!["Value"], Is.EqualTo("SENTENCE_ADJUSTMENT_UPSERTED"));
            Assert.That((string?)envelope["MessageAttributes"]!["eventType"]!["Type"], Is.EqualTo("String"));
            Assert.That((long)message["adjustmentId"]!, Is.EqualTo(adjustment.Key.Id));
            Assert.That((long)message["sentenceSeq"]!, Is.EqualTo(adjustment.SentenceSequence));
            Assert.That((string?)message["auditModuleName"], Is.EqualTo("OIDSENAD"));
            Assert.That(Estate.Adjustment(adjustment.Key).IsTold);
        });
    }

    [Test]
    public async Task Should_write_numbers_as_text_when_asked_to()
    {
        await PublishAsync(new EventRequest { Events = 10, TextShare = 1, Kinds = Only(EventKind.KeyDateAdjustmentCreated) });

        var ids = (await MessagesAsync(Sentencing)).Select(message => message["adjustmentId"]!.GetValueKind());

        Assert.That(ids, Is.All.EqualTo(JsonValueKind.String));
    }

    [Test]
    public async Task Should_tell_of_other_events_on_another_day()
    {
        var request = new EventRequest { Events = 10, Kinds = Only(EventKind.KeyDateAdjustmentCreated) };
        await PublishAsync(request);
        await PublishAsync(request);

        Assert.That((await ReceiveAllAsync(Sentencing)).Select(x => (string?)x["MessageId"]), Is.Unique);
    }

    [TestCase(EventKind.SentenceAdjustmentCreated, "SENTENCE_ADJUSTMENT_UPSERTED")]
    [TestCase(EventKind.SentenceAdjustmentUpdated, "SENTENCE_ADJUSTMENT_UPSERTED")]
    [TestCase(EventKind.KeyDateAdjustmentUpdated, "KEY_DATE_ADJUSTMENT_UPSERTED")]
    public async Task Should_change_an_adjustment_before_it_tells_of_it(EventKind kind, string type)
    {
        var before = new Estate(Options);
        await PublishAsync(new EventRequest { Events = 5, FromDpsShare = 0, Kinds = Only(kind) });

        var keys = (await MessagesAsync(Sentencing)).Select(message =>
        {
            Assert.That((string?)message["eventType"], Is.EqualTo(type));
            return new AdjustmentKey(type.StartsWith("KEY", StringComparison.Ordinal) ? AdjustmentCategory.KeyDate : AdjustmentCategory.Sentence, Number(message["adjustmentId"]));
        }).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(keys, Is.Not.Empty);
            Assert.That(keys.Select(Estate.Adjustments.Find), Is.All.Not.Null);
            Assert.That(keys.Select(key => Estate.Adjustments.Find(key) == before.Adjustments.Find(key)), Is.All.False);
        });
    }

    [Test]
    public async Task Should_remove_an_adjustment_before_it_tells_of_it()
    {
        await PublishAsync(new EventRequest { Events = 5, FromDpsShare = 0, Kinds = Only(EventKind.KeyDateAdjustmentDeleted) });

        var keys = (await MessagesAsync(Sentencing)).Select(message => new AdjustmentKey(AdjustmentCategory.KeyDate, Number(message["adjustmentId"]))).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(keys, Has.Count.EqualTo(5));
            Assert.That(keys.Select(Estate.Adjustments.Find), Is.All.Null);
            Assert.That(Estate.ReconcileAdjustments().Leftover.Count, Is.EqualTo(keys.Count(key => Estate.Adjustment(key).Records.Count > 0)).And.Positive);
        });
    }

    [Test]
    public async Task Should_cancel_upcoming_visits()
    {
        await PublishAsync(new EventRequest { Events = 6, FromDpsShare = 0, Kinds = Only(EventKind.VisitCancelled) });

        var cancelled = (await MessagesAsync(Visits)).Select(message => Estate.Nomis.Find(Number(message["visitId"]))!).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(cancelled, Has.Count.EqualTo(6));
            Assert.That(cancelled.Select(visit => (visit.Status.Code, visit.ModifiedBy)), Is.All.EqualTo(("CANC", "XQB12T_GEN")));
            Assert.That(Estate.ReconcileCancellations() is { Told: 6, Mapped: 6, Cancelled: 0, Lost.Count: 6 });
        });
    }

    [Test]
    public async Task Should_ask_nothing_of_anybody_for_what_comes_from_DPS()
    {
        await PublishAsync(new EventRequest
        {
            Events = 60,
            FromDpsShare = 1,
            Kinds = new Dictionary<EventKind, double> { [EventKind.VisitCancelled] = 1, [EventKind.SentenceAdjustmentCreated] = 1, [EventKind.TransactionCreated] = 1 },
        });

        var sentencing = await MessagesAsync(Sentencing);
        Assert.Multiple(() =>
        {
            Assert.That(sentencing, Is.Not.Empty);
            Assert.That(sentencing.Select(message => (string?)message["auditModuleName"]), Is.All.EqualTo(NomisEvents.DpsModule));
            Assert.That(Estate.ReconcileAdjustments() is { Lost.Count: 0, Stale.Count: 0, Unmapped.Count: 0, Duplicates.Count: 0 });
            Assert.That(Estate.ReconcileCancellations().Told, Is.Zero);
            Assert.That(Estate.ReconcileTransactions() is { Told: 0, Mapped: > 0 });
        });
    }

    [Test]
    public async Task Should_tell_of_every_row_of_a_transaction()
    {
        var published = await PublishAsync(new EventRequest { Events = 300, FromDpsShare = 0, Kinds = Only(EventKind.TransactionCreated) });

        var messages = (await MessagesAsync(Finance)).ToLookup(message => (string?)message["eventType"]);
        Assert.Multiple(() =>
        {
            Assert.That(messages["OFFENDER_TRANSACTIONS-INSERTED"].Count(), Is.EqualTo(NewTransactions.Sum(id => Estate.Transactions.Rows(id).Count)));
            Assert.That(messages["GL_TRANSACTIONS-INSERTED"].Count(), Is.EqualTo(NewTransactions.Sum(id => Estate.Transactions.Ledger(id).Count)));
            Assert.That(published.Events.Values.Sum(), Is.GreaterThanOrEqualTo(300));
            Assert.That(messages["GL_TRANSACTIONS-INSERTED"].Any(message => message["gLEntrySequence"] is null), "the publisher may leave the number out");
        });
    }

    [Test]
    public async Task Should_show_every_row_in_the_end()
    {
        await PublishAsync(new EventRequest { Events = 150, CommitIntervalMs = 100, Kinds = Only(EventKind.TransactionCreated) });

        var ofPrisoners = NewTransactions.Where(id => !Estate.Transactions.IsOfPrisonAlone(id)).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(ofPrisoners, Is.Not.Empty);
            Assert.That(ofPrisoners.Select(SeenRows), Is.EqualTo(ofPrisoners.Select(id => Estate.Transactions.RowsInOrder(id).Count())));
        });
    }

    [Test]
    public async Task Should_tell_of_a_merge_and_not_of_what_it_brings()
    {
        await PublishAsync(new EventRequest { Events = 1, Kinds = Only(EventKind.PrisonersMerged) });

        var messages = await MessagesAsync(Sentencing);
        var bookings = messages.Select(message => Number(message["bookingId"])).ToList();
        var added = bookings.SelectMany(Estate.Adjustments.OfBooking).Single(adjustment => adjustment.Key.Id > Options.Prisoners * 16L);
        Assert.Multiple(() =>
        {
            Assert.That(messages.Select(message => ((string?)message["eventType"], (string?)message["type"])), Is.All.EqualTo(("BOOKING_NUMBER-CHANGED", "MERGE")));
            Assert.That(bookings.Select(booking => Prisoners.NumberOf(Estate.Prisoners.HolderOf(booking))), Is.All.EqualTo((string?)messages[0]["offenderIdDisplay"]));
            Assert.That(Estate.ReconcileAdjustments().Lost.First, Is.EqualTo(new[] { added.Key.ToString() }));
        });
    }

    [Test]
    public async Task Should_let_DPS_mend_its_records_when_a_booking_moves()
    {
        await PublishAsync(new EventRequest { Events = 5, Kinds = Only(EventKind.BookingMoved) });

        var records = Estate.Adjustments.Keys().SelectMany(key => Estate.Adjustment(key).Records).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(Sqs.Broker.Depths.Sum(depth => depth.Visible), Is.Zero);
            Assert.That(records.Select(record => record.OffenderNo), Is.EqualTo(records.Select(record => Prisoners.NumberOf(Estate.Prisoners.HolderOf(record.BookingId)))));
            Assert.That(records.Select(record => record.IsCurrentTerm), Is.EqualTo(records.Select(record => Estate.Prisoners.SequenceOf(record.BookingId) == 1)));
        });
    }

    private NomisAdjustment Adjustment(AdjustmentCategory category) =>
        Estate.Adjustments.Keys().Where(key => key.Category == category).Select(Estate.Adjustments.Find).OfType<NomisAdjustment>().First(adjustment => !adjustment.IsHidden);
}
