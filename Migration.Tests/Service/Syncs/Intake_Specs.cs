using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.SQS;
using Amazon.SQS.Model;
using Microsoft.Extensions.DependencyInjection;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Nomis;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>What lies on an events queue, from its message to its end (spec: engine 4).</summary>
sealed class Intake_Specs : SyncServiceFixture
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["feature.event.sentencing.KEY_DATE_ADJUSTMENT_UPSERTED"] = "false",
        ["HMPPS_SQS_QUEUES_EVENTCOURTSENTENCING_QUEUE_NAME"] = "court-sentencing",
    };

    IAmazonSQS Sqs => Host.Services.GetRequiredService<IAmazonSQS>();

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
        var added = Estate.Adjustments.Add(1, AdjustmentCategory.KeyDate);
        var id = await SendAsync(NomisEvents.AdjustmentUpserted(added, Prisoners.NumberOf(1), "OIDSENAD"));
        await Eventually.IsTrue(async () => await World.ReadAsync<long>("select count(*) from migration.parked_events where replayed_at is null") == 1);

        var parked = JsonNode.Parse(await Host.Operator.GetStringAsync("/syncs/parked-events"))!.AsArray().Single()!;
        Assert.That(((string?)parked["domain"], (string?)parked["eventType"], (long?)parked["events"]), Is.EqualTo(("sentencing-adjustments", "KEY_DATE_ADJUSTMENT_UPSERTED", 1L)));
        using var refused = await ReplayAsync("sentencing-adjustments");
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "its switch is still off");
        using var unknown = await ReplayAsync("bananas");
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await Host.GetAsync("/info"))["event-feature-switches"]!.ToJsonString(), Is.EqualTo("""{"feature.event.sentencing.KEY_DATE_ADJUSTMENT_UPSERTED":false}"""));

        await using var switchedOn = await ServiceHost.StartAsync(World, new Dictionary<string, string?> { ["Syncs:BackOff:0"] = "00:00:00" });
        using var replayed = await switchedOn.Operator.PostAsync("/syncs/parked-events/sentencing-adjustments/replay", content: null);

        Assert.That((replayed.StatusCode, await replayed.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.Accepted, """{"replayed":1}""")));
        await UntilAsync(id, "Completed");
        Assert.That(Estate.Adjustment(added.Key).Records, Has.Count.EqualTo(1));
        Assert.That(await World.ReadAsync<long>("select count(*) from migration.parked_events where replayed_at is null"), Is.Zero);
    }

    [Test]
    public async Task Should_acknowledge_a_type_that_nobody_handles()
    {
        await Estate.Events.SendAsync(Target, new NomisEvent(EventQueue.Visits, "VISIT_PAINTED", [("visitId", 1L)], new EventSubject()));

        await Eventually.IsTrue(() => World.Sqs.Broker.Depths.Single(x => x.Name == "eventvisits") is { Visible: 0, InFlight: 0 });
        Assert.That(World.Sqs.Broker.Depths.Single(x => x.Name == "eventvisits-dlq").Visible, Is.Zero);
        Assert.That(await World.ReadAsync<long>("select count(*) from migration.syncs"), Is.Zero);
    }

    [Test]
    public async Task Should_resynchronise_adjustments_that_court_sentencing_asks_for() // R1
    {
        var booking = Enumerable.Range(1, 40).Select(x => (long)x).First(x => Estate.Prisoners.BookingsOf(x).Count > 0);
        var added = Estate.Adjustments.Add(Estate.Prisoners.BookingsOf(booking)[0], AdjustmentCategory.Sentence);
        Estate.CreateAndMap(added);
        Estate.Adjustments.Change(added.Key, x => x with { Days = 66 });
        var queue = (await Sqs.GetQueueUrlAsync("court-sentencing")).QueueUrl;
        var body = JsonSerializer.Serialize(new
        {
            offenderNo = "G4803UT",
            sentences = new[] { new { sentenceId = new { offenderBookingId = added.BookingId, sentenceSequence = 1 }, adjustmentIds = new[] { added.Key.Id } } },
        });

        await Sqs.SendMessageAsync(queue, JsonSerializer.Serialize(new { Type = "courtsentencing.resync.sentence-adjustments", Message = body }));

        await Eventually.IsTrue(() => Estate.Adjustment(added.Key).Records.Single().Days == 66);
        var told = await ToldAsync("sentence-adjustment-updated-synchronisation-success", "nomisAdjustmentId", added.Key.Id.ToString());
        Assert.That((told["offenderNo"], told["sentenceSequence"], told["adjustmentId"]), Is.EqualTo(("G4803UT", "1", Estate.Adjustment(added.Key).Mapping!.DpsId)));
    }

    Task<HttpResponseMessage> ReplayAsync(string domain) => Host.Operator.PostAsync($"/syncs/parked-events/{domain}/replay", content: null);
}
