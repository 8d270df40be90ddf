using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Migration.Simulator.Events;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Simulator;

/// <summary>When events come, in which order and how often.</summary>
internal sealed class Event_schedule_Specs : EventFixture
{
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
        var told = Sqs.Broker.Depths.Sum(depth => depth.Visible);
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
        var first = Estate.Events.PublishAsync(Target, new EventRequest { Events = 2, RatePerSecond = 0.001, Kinds = Only(EventKind.VisitCancelled) }, ends.Token);

        Assert.That(() => PublishAsync(new EventRequest()), Throws.InvalidOperationException);

        await ends.CancelAsync();
        Assert.That(() => first, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Should_be_asked_over_HTTP()
    {
        var target = new JsonObject { ["sqs"] = Sqs.Url.ToString(), ["visitsQueue"] = Visits, ["sentencingQueue"] = Sentencing, ["financeQueue"] = Finance };
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
            ["target"] = new JsonObject { ["sqs"] = Sqs.Url.ToString(), ["visitsQueue"] = "none", ["sentencingQueue"] = "none", ["financeQueue"] = "none" },
            ["request"] = new JsonObject { ["events"] = 1, ["kinds"] = new JsonObject { ["VisitCancelled"] = 1 } },
        });

        Assert.That((int)answer.StatusCode, Is.EqualTo(502));
    }
}
