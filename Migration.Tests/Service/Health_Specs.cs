using System.Net;
using System.Text.Json.Nodes;
using Amazon.SQS;
using Microsoft.Extensions.DependencyInjection;
using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>Health and info as dashboards and probes read them (spec: engine 5.2, 5.3, 12.10).</summary>
sealed class Health_Specs : ServiceFixture
{
    static readonly string[] Queues =
    [
        "migration-counts", "migration-notices", "migration-runs", "migration-syncs",
        "visits-migration-entities", "visits-migration-mappings", "visits-migration-pages",
        "sentencing-adjustments-migration-entities", "sentencing-adjustments-migration-mappings", "sentencing-adjustments-migration-pages",
        "eventvisits", "visits-sync-pushes", "visits-sync-mappings",
        "eventsentencing", "sentencing-adjustments-sync-pushes", "sentencing-adjustments-sync-mappings",
        "eventfinance", "transactions-sync-pushes", "transactions-sync-mappings",
    ];

    [Test]
    public async Task Should_be_up_with_every_component() // engine 84, 87
    {
        var (status, health) = await Eventually.Value(HealthAsync, x => x.Status == HttpStatusCode.OK);

        var components = health["components"]!.AsObject();
        Assert.Multiple(() =>
        {
            Assert.That((string?)health["status"], Is.EqualTo("UP"));
            Assert.That(components.Select(x => x.Key), Is.EquivalentTo(Queues.Select(x => x + "-health").Concat(["db", "warmUp", "masstransit-bus", "outbox-MigrationDbContext", "hmppsAuthApiHealth", "nomisApiHealth", "nomisMappingApi", "sentencingApi", "visitsApi"])));
            Assert.That(components.Select(x => (string?)x.Value!["status"]), Is.All.EqualTo("UP"));
            Assert.That(components["nomisApiHealth"]!["details"]!.ToJsonString(), Is.EqualTo("""{"HttpStatus":"200 OK"}"""));
            Assert.That(components["visits-migration-pages-health"]!["details"]!.ToJsonString(), Is.EqualTo(
                """{"queueName":"visits-migration-pages","dlqName":"visits-migration-pages-dlq","dlqStatus":"UP","messagesOnQueue":"0","messagesInFlight":"0","messagesOnDlq":"0"}"""));
            Assert.That(health["groups"]!.ToJsonString(), Is.EqualTo("""["liveness","readiness"]"""));
        });
    }

    [Test]
    public async Task Should_count_what_stands_on_queues_and_among_dead_letters() // engine 87
    {
        var sqs = Host.Services.GetRequiredService<IAmazonSQS>();
        var url = (await sqs.GetQueueUrlAsync("migration-counts-dlq")).QueueUrl;
        await sqs.SendMessageAsync(url, "dead");
        await sqs.SendMessageAsync(url, "dead");

        var (status, health) = await Eventually.Value(HealthAsync, x => (string?)x.Health["components"]!["migration-counts-health"]!["details"]!["messagesOnDlq"] == "2");

        Assert.That((status, (string?)health["components"]!["migration-counts-health"]!["status"]), Is.EqualTo((HttpStatusCode.OK, "UP")), "dead letters are for people, not for probes");
    }

    [TestCase(Upstream.Nomis, "nomisApiHealth", 503)]
    [TestCase(Upstream.Visits, "visitsApi", 404)]
    public async Task Should_be_down_when_an_upstream_is(string upstream, string component, int ping) // engine 85
    {
        using (Estate.OnRequest(x => x.Operation == Operations.Ping && x.Upstream == upstream, (http, _) => Task.FromResult(http.Response.StatusCode = ping)))
        {
            var (_, health) = await Eventually.Value(HealthAsync, x => x.Status == HttpStatusCode.ServiceUnavailable);

            Assert.That((string?)health["status"], Is.EqualTo("DOWN"));
            Assert.That(health["components"]!.AsObject().Where(x => (string?)x.Value!["status"] == "DOWN").Select(x => x.Key), Is.EqualTo(new[] { component }));
            Assert.That(await StatusOfAsync("/health/readiness"), Is.EqualTo("UP"), "a pod is not taken away because an upstream is");
        }
        await Eventually.Value(HealthAsync, x => x.Status == HttpStatusCode.OK);
    }

    [Test]
    public async Task Should_be_down_while_the_dead_letters_of_a_queue_are_missing() // engine 87
    {
        await Eventually.Value(HealthAsync, x => x.Status == HttpStatusCode.OK);
        await using var host = await ServiceHost.StartAsync(World, new Dictionary<string, string?> { ["Sqs:QueuePrefix"] = "other" });
        await Eventually.IsTrue(async () => (await HealthAsync(host)).Status == HttpStatusCode.OK);

        World.Sqs.Broker.Delete("other_visits-migration-pages-dlq");

        var (_, health) = await Eventually.Value(() => HealthAsync(host), x => x.Status == HttpStatusCode.ServiceUnavailable);
        var pages = health["components"]!["visits-migration-pages-health"]!;
        Assert.That(((string?)pages["status"], (string?)pages["details"]!["queueName"], (string?)pages["details"]!["dlqStatus"], (string?)pages["details"]!["error"]),
            Is.EqualTo(("DOWN", "other_visits-migration-pages", "DOWN", "queue does not exist")));
    }

    [TestCase("/health/ping")]
    [TestCase("/health/liveness")]
    [TestCase("/health/readiness")]
    public async Task Should_answer_probes(string path) => Assert.That(await StatusOfAsync(path), Is.EqualTo("UP")); // engine 86

    [Test]
    public async Task Should_tell_what_is_running() // engine 88
    {
        var info = JsonNode.Parse(await Host.Anybody.GetStringAsync("/info"))!;

        Assert.Multiple(() =>
        {
            Assert.That((string?)info["build"]!["name"], Is.EqualTo("hmpps-prisoner-from-nomis-migration"));
            Assert.That((string?)info["build"]!["version"], Does.Match(@"^\d+\.\d+"));
            Assert.That(info["event-feature-switches"], Is.InstanceOf<JsonObject>());
            Assert.That((string?)info["productId"], Is.EqualTo("default"));
        });
    }

    Task<(HttpStatusCode Status, JsonNode Health)> HealthAsync() => HealthAsync(Host);

    static async Task<(HttpStatusCode Status, JsonNode Health)> HealthAsync(ServiceHost host)
    {
        using var response = await host.Anybody.GetAsync("/health");
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    async Task<string?> StatusOfAsync(string path)
    {
        using var response = await Host.Anybody.GetAsync(path);
        response.EnsureSuccessStatusCode();
        return (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["status"];
    }
}
