using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.SQS.Model;
using Microsoft.Extensions.DependencyInjection;
using Migration.Sagas.Syncs;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>What lies on an events queue, from its message to its end (spec: engine 4).</summary>
sealed class Intake_Specs : SyncServiceFixture
{
    const string SwitchedOff = "KEY_DATE_ADJUSTMENT_UPSERTED";
    const string OfAnotherDomain = "OFFENDER_SENTENCES-INSERTED";
    const string RetryMapping = "RETRY_SYNCHRONISATION_MAPPING";

    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        [$"feature.event.sentencing.{SwitchedOff}"] = "false",
        ["HMPPS_SQS_QUEUES_EVENTCOURTSENTENCING_QUEUE_NAME"] = "court-sentencing",
    };

    [Test]
    public async Task Should_make_a_dead_letter_with_its_reason_of_what_nobody_can_read()
    {
        var queue = (await Sqs.GetQueueUrlAsync("eventvisits")).QueueUrl;
        await Sqs.SendMessageAsync(queue, """{"Type":"Notification","Message":"{}"}""");

        var dead = (await Sqs.GetQueueUrlAsync("eventvisits-dlq")).QueueUrl;
        var message = await Eventually.Value(async () => (await Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(dead) { MessageAttributeNames = ["All"] })).Messages?.FirstOrDefault(), x => x is not null);

        Assert.That(message!.Body, Is.EqualTo("""{"Type":"Notification","Message":"{}"}"""));
        Assert.That(message.MessageAttributes["reason"].StringValue, Is.EqualTo("MessageAttributes.eventType is missing"));
        Assert.That(await World.ReadAsync<long>("select count(*) from migration.syncs"), Is.Zero);
        await Sqs.DeleteMessageAsync(dead, message.ReceiptHandle);
    }

    [Test]
    public async Task Should_park_what_is_switched_off_and_take_it_in_at_a_replay()
    {
        await SendOfAnotherDomainAsync();
        await ParkedAsync(1);
        var added = Estate.Adjustments.Add(1, AdjustmentCategory.KeyDate);
        var id = await SendAsync(NomisEvents.AdjustmentUpserted(added, Prisoners.NumberOf(1), "OIDSENAD"));
        await ParkedAsync(2);

        var parked = JsonNode.Parse(await Host.Operator.GetStringAsync("/syncs/parked-events"))!.AsArray();
        Assert.That(parked.Select(x => ((string?)x!["domain"], (string?)x["eventType"], (long?)x["events"])), Is.EqualTo(new[] { ("sentencing-adjustments", SwitchedOff, 1L), ("sentencing-adjustments", OfAnotherDomain, 1L) }));
        using var refused = await ReplayAsync(Host, "sentencing-adjustments", SwitchedOff);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "its switch is still off");
        using var unknown = await ReplayAsync(Host, "bananas");
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await Host.GetAsync("/info"))["event-feature-switches"]!.ToJsonString(), Is.EqualTo("""{"feature.event.sentencing.KEY_DATE_ADJUSTMENT_UPSERTED":false}"""));

        await using var switchedOn = await ServiceHost.StartAsync(World, new Dictionary<string, string?> { ["Syncs:BackOff:0"] = "00:00:00" });
        using var replayed = await ReplayAsync(switchedOn, "sentencing-adjustments");

        Assert.That((replayed.StatusCode, await replayed.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.Accepted, $$"""{"replayed":1,"stillParked":["{{OfAnotherDomain}}"]}""")));
        await UntilAsync(id, "Completed");
        Assert.That(Estate.Adjustment(added.Key).Records, Has.Count.EqualTo(1));
        await ParkedAsync(1);
        using var notYet = await ReplayAsync(switchedOn, "sentencing-adjustments", OfAnotherDomain);
        Assert.That(notYet.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "nobody takes it in yet");
    }

    [Test]
    public async Task Should_acknowledge_a_type_that_nobody_handles()
    {
        using var counted = new CountedEvents(Host);
        await Estate.Events.SendAsync(Target, new NomisEvent(EventQueue.Visits, "VISIT_PAINTED", [("visitId", 1L)], new EventSubject()));

        await Eventually.IsTrue(() => World.Sqs.Broker.Depths.Single(x => x.Name == "eventvisits") is { Visible: 0, InFlight: 0 });
        Assert.That(DeadLetters("eventvisits"), Is.Zero);
        Assert.That(counted.All, Is.EqualTo(new[] { ("visits", "unknown") }));
        Assert.That(await World.ReadAsync<long>("select count(*) from migration.syncs"), Is.Zero);
    }

    [Test]
    public async Task Should_resynchronise_adjustments_that_court_sentencing_asks_for() // R1
    {
        var added = Estate.Adjustments.Add(BookingId(), AdjustmentCategory.Sentence);
        Estate.CreateAndMap(added);
        Estate.Adjustments.Change(added.Key, x => x with { Days = 66 });

        await SendInternalAsync("court-sentencing", "courtsentencing.resync.sentence-adjustments", new
        {
            offenderNo = "G4803UT",
            sentences = new[] { new { sentenceId = new { offenderBookingId = added.BookingId, sentenceSequence = 1 }, adjustmentIds = new[] { added.Key.Id } } },
        });

        await Eventually.IsTrue(() => Estate.Adjustment(added.Key).Records.Single().Days == 66);
        var told = await ToldAsync("sentence-adjustment-updated-synchronisation-success", "nomisAdjustmentId", added.Key.Id.ToString());
        Assert.That((told["offenderNo"], told["sentenceSequence"], told["adjustmentId"]), Is.EqualTo(("G4803UT", "1", Estate.Adjustment(added.Key).Mapping!.DpsId)));
    }

    [Test]
    public async Task Should_write_the_mapping_of_an_adjustment_that_the_reference_left_to_be_written() // sentencing-adjustments 7.6.2
    {
        var added = Estate.Adjustments.Add(BookingId(), AdjustmentCategory.Sentence);
        var dpsId = Guid.NewGuid().ToString();
        var told = new Dictionary<string, string>
        {
            ["offenderNo"] = "G4803UT",
            ["bookingId"] = "1234",
            ["sentenceSequence"] = "1",
            ["nomisAdjustmentId"] = added.Key.Id.ToString(),
            ["adjustmentCategory"] = "SENTENCE",
            ["adjustmentId"] = dpsId,
        };

        await SendInternalAsync("eventsentencing", RetryMapping, new
        {
            body = new { nomisAdjustmentId = added.Key.Id, nomisAdjustmentCategory = "SENTENCE", adjustmentId = dpsId, mappingType = "NOMIS_CREATED" },
            telemetryAttributes = told,
        });

        Assert.That(await ToldAsync("adjustment-mapping-created-synchronisation-success", "adjustmentId", dpsId), Is.EquivalentTo(told));
        Assert.That((Estate.Adjustment(added.Key).Mapping!.DpsId, Estate.Adjustment(added.Key).Mapping!.MappingType), Is.EqualTo((dpsId, "NOMIS_CREATED")));
        Assert.That(Count(Operations.CreateAdjustmentMapping, Operations.CreateAdjustment, Operations.UpdateAdjustment), Is.EqualTo((1, 0, 0)));
    }

    [TestCase(true, TestName = "of a prisoner's row")]
    [TestCase(false, TestName = "of a general-ledger row without a booking, mapped by another since")]
    public async Task Should_write_the_mapping_of_a_transaction_that_the_reference_left_to_be_written(bool isOfPrisoner) // finance-transactions 6.4
    {
        const long Id = 7_000_001;
        var dpsId = Guid.NewGuid().ToString();
        var told = new Dictionary<string, string> { ["nomisTransactionId"] = $"{Id}", ["bookingId"] = isOfPrisoner ? "1234" : "null", ["dpsTransactionId"] = dpsId };
        if (isOfPrisoner)
            told["offenderNo"] = "A3864DZ";
        else
            Estate.Map(new TransactionMapping(Id, Guid.Empty.ToString(), BookingId: null, OffenderNo: null, Label: null, "NOMIS_CREATED", DateTime.Now));

        await SendInternalAsync("eventfinance", RetryMapping, new
        {
            body = new { dpsTransactionId = dpsId, nomisTransactionId = Id, nomisBookingId = isOfPrisoner ? 1234 : 0, offenderNo = isOfPrisoner ? "A3864DZ" : null, mappingType = "NOMIS_CREATED" },
            telemetryAttributes = told,
        });

        Assert.That(await ToldAsync("transactions-mapping-created-synchronisation-success", "dpsTransactionId", dpsId), Is.EquivalentTo(told));
        Assert.That(Host.Telemetry.Named("transaction-from-nomis-synch-duplicate"), Is.Empty);
        Assert.That(Count(Operations.CreateTransactionMapping, Operations.SyncTransaction, Operations.GetTransaction), Is.EqualTo((1, 0, 0)));
        if (isOfPrisoner)
            Assert.That(Estate.Transaction(Id).Mapping, Is.EqualTo(new TransactionMapping(Id, dpsId, 1234, "A3864DZ", Label: null, "NOMIS_CREATED", Estate.Transaction(Id).Mapping!.WhenCreated)));
    }

    [Test]
    public async Task Should_post_a_transaction_that_the_reference_has_waited_for_by_the_id_that_it_would_have_sent() // finance-transactions 6.3
    {
        var id = Enumerable.Range(1, Estate.Transactions.Count).First(x => !Estate.Transactions.IsOfPrisonAlone(x));
        var requestId = Guid.NewGuid();
        var (_, offenderNo, bookingId) = Estate.Transactions.AccountOf(id, 1);

        await SendInternalAsync("eventfinance", "PERFORM_TRANSACTION_SYNC", new
        {
            body = new { transactionEvent = new { transactionId = id, entrySequence = 1, caseload = "SWI", offenderIdDisplay = offenderNo, bookingId }, requestId, eventType = "created" },
            telemetryAttributes = new { transactionId = id.ToString() },
        });

        var told = await ToldAsync("transactions-synchronisation-created-success", "nomisTransactionId", id.ToString());
        var report = Estate.Transaction(id);
        Assert.That((report.Dps!.RequestIds, report.MissingEntries), Is.EqualTo((new[] { requestId }, Array.Empty<int>())));
        Assert.That((report.Mapping!.DpsId, report.Mapping.OffenderNo), Is.EqualTo((told["dpsTransactionId"], offenderNo)));
        Assert.That(await World.ReadAsync<TimeSpan>("select ended_at - received_at from migration.syncs where domain = 'transactions'"), Is.LessThan(TimeSpan.FromSeconds(5)), "it does not wait again");
    }

    long BookingId() => Enumerable.Range(1, 40).SelectMany(x => Estate.Prisoners.BookingsOf(x)).First();

    /// <summary>An event of court sentencing, which nobody takes in yet.</summary>
    async Task SendOfAnotherDomainAsync() => await Sqs.SendMessageAsync((await Sqs.GetQueueUrlAsync("court-sentencing")).QueueUrl, JsonSerializer.Serialize(new
    {
        Type = "Notification",
        Message = "{}",
        MessageId = Guid.NewGuid(),
        MessageAttributes = new { eventType = new { Type = "String", Value = OfAnotherDomain } },
    }));

    Task ParkedAsync(long count) => Eventually.IsTrue(
        async () => await World.ReadAsync<long>("select count(*) from migration.parked_events where replayed_at is null") == count, $"{count} events are parked");

    static Task<HttpResponseMessage> ReplayAsync(ServiceHost host, string domain, string? eventType = null) =>
        host.Operator.PostAsync($"/syncs/parked-events/{domain}/replay" + (eventType is null ? "" : "?eventType=" + eventType), content: null);

    /// <summary>What a service counts of the events that it takes in, as domain and verdict.</summary>
    sealed class CountedEvents : IDisposable
    {
        readonly MeterListener _listener = new();
        readonly ConcurrentQueue<(string?, string?)> _seen = new();

        public CountedEvents(ServiceHost host)
        {
            var meters = host.Services.GetRequiredService<IMeterFactory>(); // other services of this process count beside it
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == SyncMetrics.Meter && instrument.Meter.Scope == meters)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _seen.Enqueue((Tag(tags, "domain"), Tag(tags, "verdict"))));
            _listener.Start();
        }

        public IReadOnlyList<(string?, string?)> All => [.. _seen];

        public void Dispose() => _listener.Dispose();

        static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name) => (string?)tags.ToArray().FirstOrDefault(x => x.Key == name).Value;
    }
}
