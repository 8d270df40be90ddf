using System.Net;
using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>A process that has just started does everything once, for nobody, before it says that it is ready.</summary>
[Parallelizable]
sealed class Warm_up_Specs
{
    World _world = null!; // set before each test
    ServiceHost? _host;

    [SetUp]
    public async Task StartWorld() => _world = await World.StartAsync(new EstateOptions { Visits = 10, Clean = true });

    [TearDown]
    public async Task StopWorld()
    {
        _world.Sqs.Faults.RefuseAll = false;
        if (_host is not null)
            await _host.DisposeAsync();
        _host = null;
        await _world.DisposeAsync();
    }

    [Test]
    public async Task Should_be_ready_when_it_has_received_of_every_kind_and_leave_nothing_behind()
    {
        _world.Sqs.Faults.RefuseAll = true;
        _host = await StartAsync("00:10:00");
        Assert.That(await ReadinessAsync(), Is.EqualTo(HttpStatusCode.ServiceUnavailable));

        _world.Sqs.Faults.RefuseAll = false;

        await Eventually.Value(ReadinessAsync, x => x == HttpStatusCode.OK);
        await Eventually.IsTrue(() => _world.Sqs.Broker.Depths.All(x => x is { Visible: 0, InFlight: 0, Delayed: 0 }));
        foreach (var table in (string[])["runs", "run_pages", "run_counters", "ledger", "lanes", "syncs", "transitions", "outbox_message"])
            Assert.That(await _world.ReadAsync<long>($"select count(*) from migration.{table}"), Is.Zero, table);
        Assert.That(_world.Estate.Requests().Where(x => x.Upstream != Upstream.Auth), Is.Empty);
    }

    [Test]
    public async Task Should_be_ready_after_a_while_when_nothing_comes()
    {
        _world.Sqs.Faults.RefuseAll = true;

        _host = await StartAsync("00:00:01");

        await Eventually.Value(ReadinessAsync, x => x == HttpStatusCode.OK);
    }

    Task<ServiceHost> StartAsync(string warmUp) => ServiceHost.StartAsync(_world, new Dictionary<string, string?> { ["Engine:WarmUp"] = warmUp });

    async Task<HttpStatusCode> ReadinessAsync()
    {
        using var response = await _host!.Anybody.GetAsync("/health/readiness"); // it has been started
        return response.StatusCode;
    }
}
