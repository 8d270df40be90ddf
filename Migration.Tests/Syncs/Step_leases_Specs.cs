using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs.Steps;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>How long a step may trust what it was granted.</summary>
public sealed class Step_leases_Specs : SyncFixture
{
    static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    readonly FakeTimeProvider _time = new();

    [Test]
    public async Task Should_ask_again_when_the_clock_tells_of_a_freeze_that_its_stopwatch_has_not_seen()
    {
        var (host, lease, database) = await BeginAsync();
        await using var _ = database;
        Assert.That((await lease.BeginAsync(CallKind.Set, default)).IsGranted, Is.True);
        await Source.ExecuteAsync("update migration.syncs set step_token = gen_random_uuid()"); // another delivery has taken over
        Assert.That((await lease.BeginAsync(CallKind.Set, default)).IsGranted, Is.True, "its lease stands");

        _time.Advance(Times().Lease * 0.9);

        Assert.That((await lease.BeginAsync(CallKind.Set, default)).IsGranted, Is.False);
        Assert.That(host.ToSteps, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_not_be_renewed_for_longer_than_a_step_can_take()
    {
        var (_, lease, database) = await BeginAsync();
        await using var _ = database;
        await lease.BeginAsync(CallKind.Set, default);
        Assert.That(lease.NeedsRenewal, Is.False);

        _time.Advance(Times().RenewEvery * 1.1);
        Assert.That(lease.NeedsRenewal, Is.True);

        _time.Advance(Deadline);
        Assert.That(lease.NeedsRenewal, Is.False);
    }

    async Task<(SyncHost Host, StepLease Lease, LedgerDatabase Database)> BeginAsync()
    {
        var host = await StartAsync(hasSteps: false, isSweeping: false);
        var sync = await host.RequestAsync(FakeSyncDomain.Change("1"));
        await Eventually.IsTrue(() => !host.ToSteps.IsEmpty, "its push is asked for");
        var database = new LedgerDatabase(ConnectionString);
        var rows = new StepRows(database, Options.Create(Times()), Options.Create(new EngineOptions()));
        return (host, new StepLease((await rows.FindAsync(sync, default))!, rows, Times(), Deadline, _time), database); // it was asked for
    }
}
