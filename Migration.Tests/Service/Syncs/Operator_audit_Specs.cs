using System.Net;
using System.Text.Json.Nodes;
using Amazon.SQS;
using Amazon.SQS.Model;
using Microsoft.Extensions.DependencyInjection;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>What an operator does to syncs is told to the audit service (spec: engine 5.4).</summary>
sealed class Operator_audit_Specs : SyncServiceFixture
{
    const string Adjustment = "sentencing-adjustments/adjustment/SENTENCE/987654321"; // NOMIS knows none of that number

    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?> { ["HMPPS_SQS_QUEUES_AUDIT_QUEUE_NAME"] = "audit" };

    protected override Task PrepareAsync()
    {
        World.Sqs.Broker.Create("audit", attributes: null, tags: null);
        return Task.CompletedTask;
    }

    [Test]
    public async Task Should_tell_who_did_what_to_which_record()
    {
        await World.ExecuteAsync("insert into migration.strays (record, target_id, reason, found_by) select $1, t, 'late', 'test' from unnest('{removed,kept}'::text[]) t", Adjustment);
        var sync = Guid.NewGuid();
        await World.ExecuteAsync(
            """
            insert into migration.syncs (correlation_id, state, domain, entity, key, mode, action, properties, lanes, lanes_held, step_no, attempts, pokes, awaited,
              is_creation_proved, possible_duplicate, received_at, ended_at)
            select $1, 'Failed', 'sentencing-adjustments', 'adjustment', 'SENTENCE/987654321', 'Delete', 'test', '{}', '{adjustment/SENTENCE/987654321}', 0, 5, 5, 0, '{}',
              false, false, clock_timestamp(), clock_timestamp()
            """, sync);
        await World.ExecuteAsync("insert into migration.parked_events (id, domain, event_type, body) values (gen_random_uuid(), 'visits', 'VISIT_PAINTED', $1)",
            $$$$"""{"Type":"Notification","MessageId":"{{{{Guid.NewGuid()}}}}","Message":"{}","MessageAttributes":{"eventType":{"Type":"String","Value":"VISIT_PAINTED"}}}""");

        await PostAsync($"/compensations/{await StrayAsync("removed")}/compensate", HttpStatusCode.Conflict); // no mapping names another one
        await PostAsync($"/compensations/{await StrayAsync("kept")}/dismiss", HttpStatusCode.NoContent);
        await PostAsync($"/syncs/{sync}/retry", HttpStatusCode.Accepted);
        await PostAsync("/syncs/parked-events/visits/replay", HttpStatusCode.Accepted);
        await PostAsync("/prisoners/booking-id/1/merge/sentencing-adjustments/repair", HttpStatusCode.OK);

        await UntilAsync(sync, "Ignored");
        var audited = await AuditedAsync(5);
        Assert.That(audited.Select(x => (string?)x["who"]), Is.All.EqualTo("operator"));
        Assert.That(audited.Select(x => $"{x["what"]} {x["details"]}"), Is.EquivalentTo(new[]
        {
            $$"""COMPENSATION_REQUESTED {"id":{{await StrayAsync("removed")}},"record":"{{Adjustment}}","targetId":"removed"}""",
            $$"""COMPENSATION_DISMISSED {"id":{{await StrayAsync("kept")}},"record":"{{Adjustment}}","targetId":"kept"}""",
            $$"""SYNC_RETRY_REQUESTED {"syncId":"{{sync}}","record":"{{Adjustment}}"}""",
            """PARKED_EVENTS_REPLAYED {"domain":"visits","replayed":1}""",
            $$"""REPAIR_REQUESTED {"syncId":"{{await World.ReadAsync<Guid>("select correlation_id from migration.syncs where entity = 'booking'")}}","record":"sentencing-adjustments/booking/1"}""",
        }));
    }

    Task<long> StrayAsync(string target) => World.ReadAsync<long>("select id from migration.strays where target_id = $1", target);

    async Task PostAsync(string path, HttpStatusCode expected)
    {
        using var response = await Host.Operator.PostAsync(path, content: null);
        Assert.That(response.StatusCode, Is.EqualTo(expected), await response.Content.ReadAsStringAsync());
    }

    async Task<List<JsonObject>> AuditedAsync(int count)
    {
        var sqs = Host.Services.GetRequiredService<IAmazonSQS>();
        var url = (await sqs.GetQueueUrlAsync("audit")).QueueUrl;
        var entries = new List<JsonObject>();
        await Eventually.IsTrue(async () =>
        {
            var received = await sqs.ReceiveMessageAsync(new ReceiveMessageRequest(url) { MaxNumberOfMessages = 10, WaitTimeSeconds = 1 });
            foreach (var message in received.Messages ?? [])
            {
                await sqs.DeleteMessageAsync(url, message.ReceiptHandle);
                entries.Add(JsonNode.Parse(message.Body)!.AsObject());
            }
            return entries.Count >= count;
        }, $"{count} audit events");
        return entries;
    }
}
