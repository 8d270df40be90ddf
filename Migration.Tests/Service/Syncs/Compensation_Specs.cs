using System.Net;
using System.Text.Json.Nodes;
using Amazon.SQS.Model;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Nomis;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>Records of ours that no mapping names, and what an operator decides about them (spec: sentencing-adjustments 9).</summary>
sealed class Compensation_Specs : SyncServiceFixture
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Syncs:BackOff:0"] = "00:00:00",
        ["HMPPS_SQS_QUEUES_AUDIT_QUEUE_NAME"] = "audit",
    };

    protected override Task PrepareAsync()
    {
        World.Sqs.Broker.Create("audit", attributes: null, tags: null);
        return Task.CompletedTask;
    }

    [TestCase(AdjustmentCategory.Sentence)]
    [TestCase(AdjustmentCategory.KeyDate)]
    public async Task Should_remove_a_duplicate_at_an_operators_word_and_bring_the_survivor_up_to_date(AdjustmentCategory category)
    {
        var (adjustment, survivor, duplicate, stray) = await DuplicatedAsync(category);
        Estate.Adjustments.Change(adjustment, x => x with { Days = 77 });

        using var response = await CompensateAsync(Host, stray);

        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), body);
        Assert.That(((string?)JsonNode.Parse(body)!["state"], (string?)JsonNode.Parse(body)!["createdTargetId"]), Is.EqualTo(("Compensated", duplicate)));
        Assert.Multiple(() =>
        {
            Assert.That(Count(Operations.DeleteAdjustment, Operations.UpdateAdjustment, Operations.DeleteAdjustmentMapping), Is.EqualTo((1, 1, 0)));
            Assert.That(Estate.Adjustment(adjustment).Records.Select(x => (x.Id.ToString(), x.Days)), Is.EqualTo(new[] { (survivor, 77) }));
            Assert.That(Estate.Adjustment(adjustment).Mapping!.DpsId, Is.EqualTo(survivor));
        });
        Assert.That((string?)(await Host.GetAsync($"/compensations/{stray}"))["state"], Is.EqualTo("Compensated"));
        await AssertAuditedAsync("COMPENSATION_REQUESTED", stray, duplicate);

        using var again = await CompensateAsync(Host, stray);
        Assert.That((again.StatusCode, Estate.RequestsOf(Operations.DeleteAdjustment)), Is.EqualTo((HttpStatusCode.Conflict, 1)));
    }

    [Test]
    public async Task Should_say_that_a_compensation_goes_on_when_it_takes_long()
    {
        var (adjustment, survivor, duplicate, stray) = await DuplicatedAsync();
        await using var impatient = await ServiceHost.StartAsync(World, new Dictionary<string, string?> { ["Syncs:BackOff:0"] = "00:00:00", ["Syncs:RepairWait"] = "00:00:00.2", ["HMPPS_SQS_QUEUES_AUDIT_QUEUE_NAME"] = "audit" });
        using var held = new HeldRequests(Estate, Operations.DeleteAdjustment);

        using var response = await CompensateAsync(impatient, stray);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        held.Release();
        await Eventually.Value(() => Host.GetAsync($"/compensations/{stray}"), x => (string?)x["state"] == "Compensated");
        Assert.That(Estate.Adjustment(adjustment).Records.Select(x => x.Id.ToString()), Is.EqualTo(new[] { survivor }));
        await AssertAuditedAsync("COMPENSATION_REQUESTED", stray, duplicate);
    }

    [Test]
    public async Task Should_keep_a_record_that_an_operator_wants_to_stay()
    {
        var (adjustment, _, duplicate, stray) = await DuplicatedAsync();

        using var response = await Host.Operator.PostAsync($"/compensations/{stray}/dismiss", content: null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((string?)(await Host.GetAsync($"/compensations/{stray}"))["state"], Is.EqualTo("Kept"));
        Assert.That((Estate.Adjustment(adjustment).Records.Count, Estate.RequestsOf(Operations.DeleteAdjustment)), Is.EqualTo((2, 0)));
        await AssertAuditedAsync("COMPENSATION_DISMISSED", stray, duplicate);
    }

    /// <summary>An adjustment with two records in DPS: another one's, which is mapped, and one of ours, which is listed as the other did not answer at first.</summary>
    async Task<(AdjustmentKey Adjustment, string Survivor, string Duplicate, long Stray)> DuplicatedAsync(AdjustmentCategory category = AdjustmentCategory.Sentence)
    {
        var added = Estate.Adjustments.Add(Enumerable.Range(1, 40).SelectMany(x => Estate.Prisoners.BookingsOf(x)).First(), category);
        var survivor = "";
        using (After(Operations.CreateAdjustment, () => survivor = Estate.CreateAndMap(added).DpsId))
        using (Refuse(Operations.GetAdjustment, 404))
            await SyncAsync(NomisEvents.AdjustmentUpserted(added, Prisoners.NumberOf(Estate.Prisoners.HolderOf(added.BookingId)), "OIDSENAD"), "NeedsOperator");
        var stray = JsonNode.Parse(await Host.Operator.GetStringAsync("/compensations"))!.AsArray().Single()!;
        return (added.Key, survivor, (string)stray["targetId"]!, (long)stray["id"]!);
    }

    static Task<HttpResponseMessage> CompensateAsync(ServiceHost host, long stray) => host.Operator.PostAsync($"/compensations/{stray}/compensate", content: null);

    /// <summary>The audit queue holds just this.</summary>
    async Task AssertAuditedAsync(string what, long stray, string targetId)
    {
        var url = (await Sqs.GetQueueUrlAsync("audit")).QueueUrl;
        var message = await Eventually.Value(async () => (await Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(url))).Messages?.FirstOrDefault(), x => x is not null);
        await Sqs.DeleteMessageAsync(url, message!.ReceiptHandle);
        var entry = JsonNode.Parse(message.Body)!;
        var details = JsonNode.Parse((string)entry["details"]!)!;
        Assert.That(((string?)entry["what"], (string?)entry["who"], (long)details["id"]!, (string?)details["targetId"]), Is.EqualTo((what, "operator", stray, targetId)));
    }
}
