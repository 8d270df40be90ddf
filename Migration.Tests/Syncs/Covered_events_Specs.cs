using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs.Intake;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>Events that end at the intake, because a change of their record that has not begun covers them (protocol section 7).</summary>
public sealed class Covered_events_Specs : SyncFixture
{
    static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);
    static readonly string[] Lane = ["thing/1"];

    LedgerDatabase _database = null!; // set before each test
    CoveredEvents _covered = null!;
    SyncHost _sagas = null!;

    [SetUp]
    public async Task Start()
    {
        _database = new LedgerDatabase(ConnectionString);
        _covered = new CoveredEvents(_database, Options.Create(new EngineOptions()));
        _sagas = await StartAsync(hasSteps: false, isSweeping: false);
    }

    [TearDown]
    public async Task Stop()
    {
        await _covered.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Test]
    public async Task Should_end_while_another_change_of_the_record_is_in_grace()
    {
        var first = await InGraceAsync();

        Guid[] burst = [.. Enumerable.Range(0, 500).Select(_ => Guid.NewGuid())];
        var ended = await Task.WhenAll(burst.Select(x => TryEndAsync(x)));

        Assert.That(ended, Is.All.True);
        Assert.That(await Source.ListAsync("select distinct state || ' ' || absorbed_by from migration.syncs where correlation_id = any ($1)", burst), Is.EqualTo(new[] { $"Superseded {first}" }));
        Assert.That(await Source.ListAsync("select to_state from migration.transitions where saga_id = $1", burst[0]), Is.EqualTo(new[] { "Superseded" }));
    }

    [Test]
    public async Task Should_need_a_saga_once_the_push_has_begun_and_then_cover_the_next()
    {
        var first = await InGraceAsync();
        await OverdueAsync(first);
        await _sagas.SendAsync(new SyncOverdue(first, 1));
        await UntilAsync(_sagas, first, SyncState.Pushing);

        Assert.That(await TryEndAsync(Guid.NewGuid()), Is.False, "NOMIS may have been read already");

        var second = await _sagas.RequestAsync(Change());
        await UntilAsync(_sagas, second, SyncState.Queued);
        var third = Guid.NewGuid();
        Assert.That(await TryEndAsync(third), Is.True);
        Assert.That((await _sagas.Queries.FindAsync(third, default))!.AbsorbedBy, Is.EqualTo(second));
    }

    [Test]
    public async Task Should_need_a_saga_when_nobody_holds_the_lane_or_another_record_does()
    {
        Assert.That(await TryEndAsync(Guid.NewGuid()), Is.False);

        await InGraceAsync();

        Assert.That(await _covered.TryEndAsync(Guid.NewGuid(), FakeSyncDomain.Things, FakeSyncDomain.Change("2", grace: Grace, lanes: Lane), default), Is.False);
        Assert.That(await _covered.TryEndAsync(Guid.NewGuid(), "others", Change(), default), Is.False);
        Assert.That(await _covered.TryEndAsync(Guid.NewGuid(), FakeSyncDomain.Things, Change(SyncMode.Additive), default), Is.False, "it does more than to bring the present state");
    }

    [Test]
    public async Task Should_need_a_saga_behind_a_change_that_covers_nothing()
    {
        await InGraceAsync();
        var delete = await _sagas.RequestAsync(Change(SyncMode.Delete));
        await UntilAsync(_sagas, delete, SyncState.Queued);

        Assert.That(await TryEndAsync(Guid.NewGuid()), Is.False, "it comes after the delete");
    }

    [Test]
    public async Task Should_know_a_second_delivery()
    {
        var first = await InGraceAsync();
        var twice = Guid.NewGuid();

        Assert.That(await Task.WhenAll(TryEndAsync(twice), TryEndAsync(twice)), Is.All.True);
        Assert.That(await TryEndAsync(first), Is.True);
        Assert.That((await Source.ListAsync("select correlation_id::text from migration.syncs")).Length, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_wait_for_a_push_that_is_just_beginning()
    {
        await InGraceAsync();
        await using var beginning = await Source.OpenConnectionAsync();
        await using var transaction = await beginning.BeginTransactionAsync();
        await using (var close = new Npgsql.NpgsqlCommand("update migration.lanes set phase = 'closed'", beginning))
            await close.ExecuteNonQueryAsync();

        var ended = TryEndAsync(Guid.NewGuid());
        await Eventually.IsTrue(async () => (await Source.ListAsync("select pid::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")).Length > 0);
        await transaction.CommitAsync();

        Assert.That(await ended, Is.False);
    }

    [Test]
    public async Task Should_need_a_saga_behind_a_removal_that_is_just_beginning_to_wait()
    {
        await InGraceAsync();
        var entering = await HeldCommits.OfAsync(Source, "syncs", "/enter");
        var delete = await _sagas.RequestAsync(Change(SyncMode.Delete));
        await entering.ReachedAsync();

        var ended = TryEndAsync(Guid.NewGuid());
        await Eventually.IsTrue(async () => await Source.ScalarAsync<long>(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name <> 'syncs' and wait_event_type = 'Lock'") > 0, "it waits for the lane");
        await entering.DisposeAsync();

        Assert.That(await ended, Is.False, "it comes after the removal");
        await UntilAsync(_sagas, delete, SyncState.Queued);
    }

    async Task<Guid> InGraceAsync()
    {
        var sync = await _sagas.RequestAsync(Change());
        await UntilAsync(_sagas, sync, SyncState.Grace);
        return sync;
    }

    Task<bool> TryEndAsync(Guid id) => _covered.TryEndAsync(id, FakeSyncDomain.Things, Change(), default);

    static SyncChange Change(string mode = SyncMode.Upsert) => FakeSyncDomain.Change("1", mode, Grace, Lane);
}
