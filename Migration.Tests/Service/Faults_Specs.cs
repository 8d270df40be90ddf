using Microsoft.Extensions.DependencyInjection;
using Migration.Sagas.Gates;
using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>What goes wrong in a real estate, on two services that share a database and queues: nothing is lost, and nothing is doubled in silence.</summary>
[Parallelizable]
sealed class Faults_Specs
{
    const int Visits = 400;

    World _world = null!; // set before each test
    readonly List<ServiceHost> _hosts = [];

    [SetUp]
    public async Task StartWorld() => _world = await World.StartAsync(new EstateOptions { Visits = Visits, Clean = true });

    [TearDown]
    public async Task StopWorld()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
        _hosts.Clear();
        await _world.DisposeAsync();
    }

    [Test]
    public async Task Should_bring_over_every_visit_although_a_tenth_of_all_calls_fail()
    {
        var (first, _) = await StartHostsAsync(("Engine:MaxAttempts", "20"));
        _world.EstateServer.Faults.All(new UpstreamFaults { FailRate = 0.1 });

        var runId = (string)(await first.MigrateAsync())["id"]!;

        _world.EstateServer.Faults.All(new UpstreamFaults());
        await Runs.AssertBalancedAsync(_world, first, runId);
        var progress = await first.ProgressAsync(runId);
        Assert.Multiple(() =>
        {
            Assert.That((long)progress["counts"]!["Migrated"]!, Is.EqualTo(Visits));
            Assert.That(_world.Estate.Reconcile().Missing.First, Is.Empty);
            Assert.That(_world.Estate.Duplicates().Count, Is.GreaterThan(0), "answers were lost, so there must be doubles, or this test tests nothing");
            Assert.That((long)progress["possibleDuplicates"]!, Is.GreaterThanOrEqualTo(_world.Estate.Duplicates().Count));
        });
    }

    [Test]
    public async Task Should_go_on_after_all_queues_were_deleted()
    {
        var (first, _) = await StartHostsAsync(("Engine:StandstillAfter", "00:00:02"), ("Engine:StandstillSecondLook", "00:00:01"), ("Engine:RecordConcurrency", "8"));
        using var held = new HeldRequests(_world.Estate, Operations.MigrateVisit);
        var runId = await first.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == 16);

        using (var http = new HttpClient())
            await http.DeleteAsync(new Uri(_world.Sqs.Url, "simulator/sqs/queues"));
        held.Release();

        await AssertMigratedOnceAsync(first, runId);
    }

    [Test]
    public async Task Should_go_on_after_SQS_was_away()
    {
        var (first, _) = await StartHostsAsync(("Engine:RecordConcurrency", "8"));
        using var held = new HeldRequests(_world.Estate, Operations.MigrateVisit);
        var runId = await first.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == 16);

        await _world.RestartSqsAsync(async () =>
        {
            held.Release();
            await Eventually.IsTrue(async () => (long)(await first.ProgressAsync(runId))["counts"]!["Migrated"]! >= 16); // ended, and not to be acknowledged
        });

        await AssertMigratedOnceAsync(first, runId);
    }

    [Test]
    public async Task Should_go_on_after_Postgres_was_away()
    {
        await using var wire = await BreakableWire.ToAsync(_world.ConnectionString);
        var host = await StartHostAsync(("Engine:RecordConcurrency", "8"), ("ConnectionStrings:Migration", wire.ConnectionString));
        using var held = new HeldRequests(_world.Estate, Operations.MigrateVisit);
        var runId = await host.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == 8);

        wire.Cut();
        held.Release();
        await Eventually.IsTrue(() => _world.Estate.Reconcile().Mapped == 8); // done, and not to be recorded
        await Eventually.IsTrue(() => wire.Refused >= 30); // gates, sweeps and checks try as well: a few seconds
        wire.Mend();

        await AssertMigratedOnceAsync(host, runId);
    }

    [Test]
    public async Task Should_spend_no_receive_on_a_paused_gate() // I19
    {
        var (first, second) = await StartHostsAsync(("Engine:RecordConcurrency", "4"), ("Engine:MaxAttempts", "3"));
        _world.EstateServer.Faults.Visits = new UpstreamFaults { LatencyMs = 250 };
        var runId = await first.StartRunAsync();
        var gates = first.Services.GetRequiredService<GateStore>();
        GateCache[] caches = [first.Services.GetRequiredService<GateCache>(), second.Services.GetRequiredService<GateCache>()];

        for (var pauses = 0; pauses < 10; pauses++)
        {
            await gates.PauseAsync("domain/visits", "test", "test", default);
            await Eventually.IsTrue(() => caches.All(x => !x.IsOpen("visits")));
            await Eventually.IsTrue(async () => await ClaimedAsync() == 0);
            var created = _world.Estate.RequestsOf(Operations.MigrateVisit);
            Assert.That(created, Is.LessThan(Visits), "the run must not be over before the pauses are");
            await gates.OpenAsync("domain/visits", "test", default);
            await Eventually.IsTrue(() => _world.Estate.RequestsOf(Operations.MigrateVisit) > created, what: "work goes on");
        }
        _world.EstateServer.Faults.Visits = new UpstreamFaults();

        await AssertMigratedOnceAsync(first, runId);
        Assert.That(await _world.ReadAsync<int>("select max(attempts) from migration.ledger where run_id = $1", runId), Is.EqualTo(1));
        Assert.That(_world.Sqs.Broker.Depths.Where(x => x.Name.EndsWith("-dlq") && x.Visible > 0), Is.Empty);

        async Task<long> ClaimedAsync() => await _world.ReadAsync<long>("select count(*) from migration.ledger where run_id = $1 and state = 'Claimed'", runId);
    }

    [Test]
    public async Task Should_end_what_a_killed_pod_had_in_hand()
    {
        (string, string)[] settings = [("Engine:RecordConcurrency", "8"), ("Engine:Lease", "00:00:06"), ("Engine:RenewEvery", "00:00:02"), ("Engine:LeaseReserve", "00:00:01")];
        await using var pod = await PodProcess.StartAsync(_world, ToSettings(settings));
        var left = await StartHostAsync(settings);
        using var held = new HeldRequests(_world.Estate, Operations.MigrateVisit, afterTheirEffect: true);
        var runId = await left.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == 16); // eight each: created, and neither knows it yet

        await pod.KillAsync();
        held.Release();

        await left.WaitForAsync(runId, "COMPLETED");
        await Runs.AssertBalancedAsync(_world, left, runId);
        var progress = await left.ProgressAsync(runId);
        Assert.Multiple(() =>
        {
            Assert.That((long)progress["counts"]!["Migrated"]!, Is.EqualTo(Visits));
            Assert.That(((long)progress["possibleDuplicates"]!, _world.Estate.Duplicates().Count), Is.EqualTo((8, 8)));
        });
    }

    /// <summary>Complete, each visit once in DPS and nothing flagged.</summary>
    async Task AssertMigratedOnceAsync(ServiceHost host, string runId)
    {
        var history = await host.WaitForAsync(runId, "COMPLETED");
        await Runs.AssertBalancedAsync(_world, host, runId);
        var all = _world.Estate.Reconcile();
        Assert.Multiple(async () =>
        {
            Assert.That((long)history["recordsMigrated"]!, Is.EqualTo(Visits));
            Assert.That((all.Dps, all.Mapped, all.Duplicates.Count, all.Unmapped.Count), Is.EqualTo((Visits, Visits, 0, 0)));
            Assert.That((long)(await host.ProgressAsync(runId))["possibleDuplicates"]!, Is.Zero);
        });
    }

    async Task<(ServiceHost First, ServiceHost Second)> StartHostsAsync(params (string, string)[] settings)
    {
        var first = await StartHostAsync(settings);
        return (first, await StartHostAsync(settings));
    }

    async Task<ServiceHost> StartHostAsync(params (string, string)[] settings)
    {
        var host = await ServiceHost.StartAsync(_world, ToSettings(settings));
        _hosts.Add(host);
        return host;
    }

    static Dictionary<string, string?> ToSettings((string Key, string Value)[] settings) => settings.ToDictionary(x => x.Key, x => (string?)x.Value);
}
