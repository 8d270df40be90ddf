using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.SQS;
using Amazon.SQS.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>The service, and events that come to it as NOMIS sends them. Steps are tried three times, at once.</summary>
abstract class SyncServiceFixture : ServiceFixture
{
    protected const int Attempts = 3;

    protected override EstateOptions EstateOptions => new() { Visits = 100, Prisoners = 40, Transactions = 100, LargestTransaction = 30, Clean = true };

    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Syncs:MaxAttempts"] = Attempts.ToString(),
        ["Syncs:BackOff:0"] = "00:00:00",
        ["finance.transactions.forwardingDelaySeconds"] = "1",
        ["HMPPS_SQS_QUEUES_EVENTCOURTSENTENCING_QUEUE_NAME"] = "court-sentencing",
    };

    protected IAmazonSQS Sqs => Host.Services.GetRequiredService<IAmazonSQS>();

    protected EventTarget Target => new(World.Sqs.Url, "eventvisits", "eventsentencing", "eventfinance");

    /// <summary>The service makes its queues as it starts; NOMIS's are there before anything happens.</summary>
    [OneTimeSetUp]
    public Task WaitForQueues() => Eventually.IsTrue(
        () => new[] { Target.VisitsQueue, Target.SentencingQueue, Target.FinanceQueue }.All(x => World.Sqs.Broker.Depths.Any(depth => depth.Name == x)), "the events' queues are there");

    /// <summary>The estate gives the same ids to the records of each test.</summary>
    [SetUp]
    public async Task ForgetSyncs()
    {
        Host.Telemetry.Clear();
        // Not truncated: that waits for whoever reads, and the running service reads several tables in a statement.
        await World.ExecuteAsync("delete from migration.syncs; delete from migration.ambiguous; delete from migration.strays; delete from migration.transitions; delete from migration.parked_events");
    }

    [TearDown]
    public async Task CheckTheEngine()
    {
        Estate.Faults.All(new UpstreamFaults());
        await Eventually.IsTrue(() => World.Sqs.Broker.Depths.All(x => x.Visible + x.InFlight + x.Delayed == 0 || x.Name.EndsWith("-dlq", StringComparison.Ordinal)), "every message is worked on");
        await Eventually.IsTrue(async () => await World.ReadAsync<long>("select count(*) from migration.lanes") == 0, "every lane is left");
        await Migration.Tests.Syncs.SyncInvariants.CheckAsync(World.Database);
        Assert.That(Estate.Invalid().First, Is.Empty, "every request is one that the API documents allow");
    }

    /// <summary>Sends an event; its sync has the returned id.</summary>
    protected async Task<Guid> SendAsync(NomisEvent happened, Guid? id = null)
    {
        var messageId = id ?? Guid.NewGuid();
        await Estate.Events.SendAsync(Target, happened, messageId);
        return messageId;
    }

    /// <summary>Sends a message as the service that is replaced puts it on its own queue.</summary>
    protected async Task SendInternalAsync(string queue, string type, object message) => await Sqs.SendMessageAsync(
        (await Sqs.GetQueueUrlAsync(queue)).QueueUrl, JsonSerializer.Serialize(new { Type = type, Message = JsonSerializer.Serialize(message) }));

    /// <summary>How many messages of a queue were given up.</summary>
    protected int DeadLetters(string queue) => World.Sqs.Broker.Depths.Single(x => x.Name == queue + "-dlq").Visible;

    /// <summary>A person sends the dead letters of a queue back.</summary>
    protected async Task SendBackAsync(string queue)
    {
        var url = (await Sqs.GetQueueUrlAsync(queue + "-dlq")).QueueUrl;
        var arn = (await Sqs.GetQueueAttributesAsync(url, ["QueueArn"])).Attributes["QueueArn"];
        await Sqs.StartMessageMoveTaskAsync(new StartMessageMoveTaskRequest { SourceArn = arn });
    }

    /// <summary>Sends an event and waits for the end of its sync.</summary>
    protected async Task<JsonObject> SyncAsync(NomisEvent happened, string state = "Completed") => await UntilAsync(await SendAsync(happened), state);

    protected async Task<JsonObject> UntilAsync(Guid sync, string state) =>
        await Eventually.Value(() => FindAsync(sync), x => (string?)x["state"] == state, what: $"{sync} is {state}");

    protected async Task<JsonObject> FindAsync(Guid sync)
    {
        using var response = await Host.Operator.GetAsync($"/syncs/{sync}");
        return response.StatusCode == HttpStatusCode.OK ? JsonNode.Parse(await response.Content.ReadAsStringAsync())!["sync"]!.AsObject() : [];
    }

    /// <summary>The properties of an event of that name, as soon as it is told.</summary>
    protected async Task<IReadOnlyDictionary<string, string>> ToldAsync(string name, string property, string value)
    {
        await Eventually.IsTrue(() => Told(name, property, value).Count > 0, $"{name} of {value}");
        return Told(name, property, value).Single();
    }

    protected IReadOnlyList<IReadOnlyDictionary<string, string>> Told(string name, string property, string value) =>
        [.. Host.Telemetry.Named(name).Where(x => x.GetValueOrDefault(property) == value)];

    /// <summary>One message of the queue was given up since, and on-call alerts were told so (spec: engine 6).</summary>
    /// <param name="before">Its dead letters before.</param>
    protected async Task AssertDeadLetterAsync(string queue, int before, string eventType)
    {
        await Eventually.IsTrue(() => DeadLetters(queue) == before + 1, $"a dead letter of {queue}");
        Assert.That(Host.Telemetry.Named($"{eventType}-sent-to-dlq"), Is.EqualTo(new[]
        {
            new Dictionary<string, string> { ["queueName"] = queue, ["dlqName"] = queue + "-dlq", ["timeouts"] = "[0]", ["maxReceiveCount"] = Attempts.ToString() },
        }));
    }

    /// <summary>The first requests of an operation are answered with a status and have no effect; null: all of them.</summary>
    protected IDisposable Refuse(string operation, int status, int? times = null)
    {
        var left = times ?? int.MaxValue;
        return Estate.OnRequest(x => x.Operation == operation && Interlocked.Decrement(ref left) >= 0, (http, _) =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
    }

    /// <summary>Something happens between the effect of a request and its answer.</summary>
    protected IDisposable After(string operation, Action action) => Estate.OnRequest(x => x.Operation == operation, async (_, takeEffect) =>
    {
        await takeEffect();
        action();
    });

    protected (long, long, long) Count(string first, string second, string third) => (Estate.RequestsOf(first), Estate.RequestsOf(second), Estate.RequestsOf(third));
}
