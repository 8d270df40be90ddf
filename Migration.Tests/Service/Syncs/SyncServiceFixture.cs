using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
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
