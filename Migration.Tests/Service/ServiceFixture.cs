using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>One world and one service for the tests of a fixture; the estate forgets everything between two of them.</summary>
[Parallelizable] // each has a world of its own, and waits more than it works
abstract class ServiceFixture
{
    protected World World { get; private set; } = null!; // set before the first test
    protected ServiceHost Host { get; private set; } = null!; // set before the first test
    protected Estate Estate => World.Estate;

    /// <summary>A hundred visits, all of which can be migrated.</summary>
    protected virtual EstateOptions EstateOptions => new() { Visits = 100, Clean = true };

    protected virtual IReadOnlyDictionary<string, string?>? Settings => null;

    [OneTimeSetUp]
    public async Task StartService()
    {
        World = await World.StartAsync(EstateOptions);
        await PrepareAsync();
        Host = await ServiceHost.StartAsync(World, Settings);
    }

    [OneTimeTearDown]
    public async Task StopService()
    {
        if (Host is not null)
            await Host.DisposeAsync();
        await World.DisposeAsync();
    }

    [SetUp]
    public virtual void ResetEstate()
    {
        Estate.Reset();
        Estate.Faults.All(new UpstreamFaults());
    }

    /// <summary>A test that failed half-way must not block the next one's start. The invariants of the run engine hold whatever it did.</summary>
    [TearDown]
    public async Task EndRun()
    {
        Estate.Faults.All(new UpstreamFaults());
        const string Active = "select run_id from migration.runs where state in ('Requested', 'Estimating', 'Paging', 'Migrating', 'Cancelling')";
        if (await World.ReadAsync<string>(Active) is { } runId)
        {
            await Host.CancelAsync(runId);
            await Eventually.IsTrue(async () => await World.ReadAsync<string>(Active) is null);
        }
        await CheckInvariantsAsync();
    }

    protected virtual Task CheckInvariantsAsync() => Invariants.CheckAsync(World.Database);

    /// <summary>What must be there before the service starts.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;
}
