using Microsoft.Extensions.DependencyInjection;
using Migration.Sagas.Gates;
using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>Upstreams that are away, and an operator's hand on how much they are asked.</summary>
sealed class Upstream_outage_Specs : ServiceFixture
{
    const int Visits = 100;

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Engine:MaxAttempts"] = "2",
        ["Engine:RecordConcurrency"] = "16",
        ["Engine:SenderGrace"] = "00:00:00.5",
        ["Engine:SettleTime"] = "00:01:00",
    };

    [TestCase(Upstream.Nomis)]
    [TestCase(Upstream.Mapping)]
    public async Task Should_fail_no_record_because_an_upstream_was_away(string upstream)
    {
        var runId = await StartAndBreakAsync(upstream, Operations.GetVisit);
        await Eventually.Value(() => Host.ProgressAsync(runId), x => (string?)x["limitedBy"] == "upstream health");
        var asked = Requests();
        await Eventually.IsTrue(() => Requests() >= asked + 4); // several probes, at a second's distance and more
        Assert.That((long)(await Host.ProgressAsync(runId))["counts"]!["Failed"]!, Is.Zero);

        Estate.Faults.All(new UpstreamFaults());
        var history = await Host.WaitForAsync(runId, "COMPLETED");

        Assert.That((long)history["recordsMigrated"]!, Is.EqualTo(Visits));
        await Runs.AssertBalancedAsync(World, Host, runId);
        Assert.That(World.Sqs.Broker.Depths.Where(x => x.Name.EndsWith("-dlq") && x.Visible > 0), Is.Empty);

        // whatever it is asked: what waits for the mapping service is records and mappings, and either may be the probe
        long Requests() => Estate.Requests().Where(x => x.Upstream == upstream).Sum(x => x.Count);
    }

    [Test]
    public async Task Should_ask_an_upstream_no_more_than_an_operator_allows_while_the_run_is_going()
    {
        await World.ExecuteAsync("update migration.upstream_limits set (lowest, highest) = (1, 1) where upstream = 'visits'");
        try
        {
            await Eventually.IsTrue(() => Host.Services.GetRequiredService<Migration.Sagas.Limits.UpstreamLimits>().Get("visits").Limit == 1);
            using var held = new HeldRequests(Estate, Operations.MigrateVisit);
            var runId = await Host.StartRunAsync();
            await Eventually.IsTrue(() => held.Arrived > 0);
            await Eventually.Value(() => Host.ProgressAsync(runId), x => (string?)x["limitedBy"] == "own limit");
            Assert.That(held.Arrived, Is.EqualTo(1));

            await World.ExecuteAsync("update migration.upstream_limits set highest = 5 where upstream = 'visits'");
            await Eventually.IsTrue(() => held.Arrived == 5);
            await Eventually.Value(() => Host.ProgressAsync(runId), x => (long)x["counts"]!["Claimed"]! == 5);
            held.Release();
            await Host.WaitForAsync(runId, "COMPLETED");
            Assert.That((string?)(await Host.ProgressAsync(runId))["limitedBy"], Is.EqualTo("nothing"));
        }
        finally
        {
            await World.ExecuteAsync("update migration.upstream_limits set (lowest, highest) = (64, 512) where upstream = 'visits'");
        }
    }

    [Test]
    public async Task Should_stand_still_at_an_upstream_s_gate()
    {
        var gates = Host.Services.GetRequiredService<GateStore>();
        await gates.PauseAsync("upstream/visits", "test", "test", default);
        await Eventually.IsTrue(() => !Host.Services.GetRequiredService<Migration.Sagas.Limits.UpstreamLimits>().Get("visits").MayPoll);
        var runId = await Host.StartRunAsync();
        await Eventually.Value(() => Host.ProgressAsync(runId), x => (string?)x["limitedBy"] == "paused");
        Assert.That(Estate.RequestsOf(Operations.MigrateVisit), Is.Zero);

        await gates.OpenAsync("upstream/visits", "test", default);
        await Host.WaitForAsync(runId, "COMPLETED");
        await Runs.AssertBalancedAsync(World, Host, runId);
    }

    /// <summary>A run that is in the middle of its records when every connection to the upstream begins to break.</summary>
    async Task<string> StartAndBreakAsync(string upstream, string operation)
    {
        using var held = new HeldRequests(Estate, operation);
        var runId = await Host.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == 16);
        Estate.Faults.Set(new Dictionary<string, UpstreamFaults> { [upstream] = new() { ResetRate = 1 } });
        held.Release();
        return runId;
    }
}
