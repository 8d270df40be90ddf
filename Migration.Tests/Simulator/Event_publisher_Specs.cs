using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Nomis;
using Migration.Simulator.Sqs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Simulator;

internal sealed class Event_publisher_Specs : EstateFixture
{
    private const string Visits = "events-visits";
    private const string Sentencing = "events-sentencing";
    private const string Finance = "events-finance";

    private SqsServer _sqs = null!; // set before each test
    private AmazonSQSClient _client = null!; // set before each test

    protected override EstateOptions Options => base.Options with { Visits = 2000, Prisoners = 100, LargestTransaction = 60, Synchronised = true };

    private EventTarget Target => new(_sqs.Url, Visits, Sentencing, Finance);

    [SetUp]
    public async Task StartSqs()
    {
        _sqs = await SqsServer.StartAsync();
        _client = new AmazonSQSClient(
            new BasicAWSCredentials("x", "y"), new AmazonSQSConfig { ServiceURL = _sqs.Url.ToString(), AuthenticationRegion = "eu-west-2", MaxErrorRetry = 0 });
        foreach (var queue in new[] { Visits, Sentencing, Finance })
            await _client.CreateQueueAsync(queue);
    }

    [TearDown]
    public async Task StopSqs()
    {
        _client.Dispose();
        await _sqs.DisposeAsync();
    }

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

        Assert.That(ids, Is.All.EqualTo(System.Text.Json.JsonValueKind.String));
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
    public async Task Should_show_the_rows_of_a_transaction_commit_by_commit()
    {
        using var ends = new CancellationTokenSource();
        var publishing = Estate.Events.PublishAsync(
            Target, new EventRequest { Events = 150, RatePerSecond = 1000, CommitIntervalMs = 3_600_000, Kinds = Only(EventKind.TransactionCreated) }, ends.Token);

        await Eventually.IsTrue(() => NewTransactions.Any(id => SeenRows(id) is > 0 and var seen && seen < Estate.Transactions.RowsInOrder(id).Count()));
        await ends.CancelAsync();

        Assert.That(() => publishing, Throws.InstanceOf<OperationCanceledException>());
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
            Assert.That(_sqs.Broker.Depths.Sum(depth => depth.Visible), Is.Zero);
            Assert.That(records.Select(record => record.OffenderNo), Is.EqualTo(records.Select(record => Prisoners.NumberOf(Estate.Prisoners.HolderOf(record.BookingId)))));
            Assert.That(records.Select(record => record.IsCurrentTerm), Is.EqualTo(records.Select(record => Estate.Prisoners.SequenceOf(record.BookingId) == 1)));
        });
    }

    [Test]
    public async Task Should_make_the_same_day_twice()
    {
        var request = new EventRequest { Events = 400, DuplicateShare = 0.2, LatencyMs = 50 };
        var first = await PublishAsync(request);
        var firstMessages = await AllMessagesAsync();
        Estate.Reset();

        var second = await PublishAsync(request);

        var secondMessages = await AllMessagesAsync();
        Assert.Multiple(() =>
        {
            Assert.That(second.Changes, Is.EqualTo(first.Changes));
            Assert.That(second.Events, Is.EqualTo(first.Events));
            Assert.That(secondMessages, Is.EqualTo(firstMessages).And.Count.GreaterThan(400));
        });
    }

    [Test]
    public async Task Should_shuffle_and_double_what_it_is_told_to()
    {
        var published = await PublishAsync(new EventRequest { Events = 200, DuplicateShare = 0.5, LatencyMs = 1000, FromDpsShare = 0, TextShare = 0, Kinds = Only(EventKind.KeyDateAdjustmentCreated) });

        var envelopes = await ReceiveAllAsync(Sentencing);
        var ids = envelopes.Select(envelope => Number(JsonNode.Parse((string)envelope["Message"]!)!["adjustmentId"])).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(published.Duplicates, Is.InRange(60, 140));
            Assert.That(envelopes, Has.Count.EqualTo(200 + published.Duplicates));
            Assert.That(envelopes.Select(envelope => (string?)envelope["MessageId"]).Distinct().Count(), Is.EqualTo(200));
            Assert.That(ids, Is.Not.Ordered);
        });
    }

    [Test]
    public async Task Should_replay_what_it_published()
    {
        await PublishAsync(new EventRequest { Events = 50 });
        var published = await AllMessagesAsync();

        var replayed = await Estate.Events.ReplayAsync(Target);

        Assert.Multiple(async () =>
        {
            Assert.That(replayed, Is.EqualTo(published.Count));
            Assert.That(await AllMessagesAsync(), Is.EquivalentTo(published));
        });
    }

    [Test]
    public async Task Should_hold_back_an_event_after_its_change_as_in_life()
    {
        using var ends = new CancellationTokenSource();
        var publishing = Estate.Events.PublishAsync(
            Target, new EventRequest { Events = 20, RatePerSecond = 1000, LatencyMs = 3_600_000, Kinds = Only(EventKind.KeyDateAdjustmentCreated) }, ends.Token);

        await Eventually.IsTrue(() => Estate.Adjustments.Keys().Count(key => key.Id > Options.Prisoners * 16L) == 20);
        var told = _sqs.Broker.Depths.Sum(depth => depth.Visible);
        await ends.CancelAsync();

        Assert.Multiple(() =>
        {
            Assert.That(told, Is.Zero);
            Assert.That(() => publishing, Throws.InstanceOf<OperationCanceledException>());
        });
    }

    [Test]
    public async Task Should_not_publish_two_days_at_once()
    {
        using var ends = new CancellationTokenSource();
        var first = Estate.Events.PublishAsync(Target, new EventRequest { Events = 2, RatePerSecond = 0.001 }, ends.Token);

        Assert.That(() => PublishAsync(new EventRequest()), Throws.InvalidOperationException);

        await ends.CancelAsync();
        Assert.That(() => first, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Should_be_asked_over_HTTP()
    {
        var target = new JsonObject { ["sqs"] = _sqs.Url.ToString(), ["visitsQueue"] = Visits, ["sentencingQueue"] = Sentencing, ["financeQueue"] = Finance };
        using var published = await Http.PostAsJsonAsync(
            "simulator/events", new JsonObject { ["target"] = target, ["request"] = new JsonObject { ["events"] = 7, ["kinds"] = new JsonObject { ["VisitCancelled"] = 1 }, ["fromDpsShare"] = 0 } });
        var first = (await MessagesAsync(Visits)).Count;
        using var replayed = await Http.PostAsJsonAsync("simulator/events/replay", new JsonObject { ["target"] = target.DeepClone() });
        var cancellations = (await Http.GetStringAsync("simulator/cancellations")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        var reconciliation = JsonNode.Parse(await Http.GetStringAsync("simulator/reconciliation/cancellations"))!;

        Assert.Multiple(async () =>
        {
            Assert.That((int?)JsonNode.Parse(await published.Content.ReadAsStringAsync())!["events"]!["VISIT_CANCELLED"], Is.EqualTo(7));
            Assert.That((first, (await MessagesAsync(Visits)).Count), Is.EqualTo((7, 7)));
            Assert.That((int?)JsonNode.Parse(await replayed.Content.ReadAsStringAsync())!["events"], Is.EqualTo(7));
            Assert.That(cancellations.Select(line => (string?)line["nomisStatus"]), Is.EqualTo(Enumerable.Repeat("CANC", 7)));
            Assert.That((int?)reconciliation["told"], Is.EqualTo(7));
        });
    }

    [Test]
    public async Task Should_say_when_a_queue_is_not_there()
    {
        using var answer = await Http.PostAsJsonAsync("simulator/events", new JsonObject
        {
            ["target"] = new JsonObject { ["sqs"] = _sqs.Url.ToString(), ["visitsQueue"] = "none", ["sentencingQueue"] = "none", ["financeQueue"] = "none" },
            ["request"] = new JsonObject { ["events"] = 1, ["kinds"] = new JsonObject { ["VisitCancelled"] = 1 } },
        });

        Assert.That((int)answer.StatusCode, Is.EqualTo(502));
    }

    private static Dictionary<EventKind, double> Only(EventKind kind) => new() { [kind] = 1 };

    private static long Number(JsonNode? value) =>
        value!.GetValueKind() == System.Text.Json.JsonValueKind.String ? long.Parse((string)value!, System.Globalization.CultureInfo.InvariantCulture) : (long)value!;

    private IEnumerable<long> NewTransactions => Enumerable.Range(Options.Transactions + 1, (int)(Estate.Transactions.Last - Options.Transactions)).Select(id => (long)id);

    private int SeenRows(long id) => Estate.Transactions.Rows(id).Sum(row => 1 + row.Ledger.Count);

    private Task<PublishedEvents> PublishAsync(EventRequest request) => Estate.Events.PublishAsync(Target, request);

    private NomisAdjustment Adjustment(AdjustmentCategory category) =>
        Estate.Adjustments.Keys().Where(key => key.Category == category).Select(Estate.Adjustments.Find).OfType<NomisAdjustment>().First(adjustment => !adjustment.IsHidden);

    /// <summary>Payloads without their times, in the order of their queue.</summary>
    private async Task<List<string>> AllMessagesAsync()
    {
        var all = new List<string>();
        foreach (var queue in new[] { Visits, Sentencing, Finance })
        {
            foreach (var message in await MessagesAsync(queue))
            {
                message.AsObject().Remove("eventDatetime");
                all.Add(message.ToJsonString());
            }
        }

        return all;
    }

    private async Task<List<JsonNode>> MessagesAsync(string queue) => [.. (await ReceiveAllAsync(queue)).Select(envelope => JsonNode.Parse((string)envelope["Message"]!)!)];

    private async Task<List<JsonNode>> ReceiveAllAsync(string queue)
    {
        var url = (await _client.GetQueueUrlAsync(queue)).QueueUrl;
        var all = new List<JsonNode>();
        while ((await _client.ReceiveMessageAsync(new ReceiveMessageRequest(url) { MaxNumberOfMessages = 10 })).Messages is { Count: > 0 } received)
        {
            all.AddRange(received.Select(message => JsonNode.Parse(message.Body)!));
            await _client.DeleteMessageBatchAsync(url, [.. received.Select((message, index) => new DeleteMessageBatchRequestEntry($"m{index}", message.ReceiptHandle))]);
        }

        return all;
    }
}
