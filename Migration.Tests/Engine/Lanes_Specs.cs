using Migration.Contracts.Runs;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs.Ledger;
using Migration.Tests.Infrastructure;
using Npgsql;

namespace Migration.Tests.Engine;

public class Lanes_Specs : EngineFixture
{
    [Test]
    public async Task Should_defer_a_claim_whose_lane_a_sync_holds()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        await using var sync = await Sync.BeginAsync(Source);
        await sync.EnterAsync("1");
        await sync.CommitAsync();

        var delivery = await pod.MigrateAsync(run, "1");

        var row = await RowAsync(run, "1");
        Assert.That(delivery.IsAcknowledged, Is.True);
        Assert.That((row.State, row.Attempts, row.IsSent), Is.EqualTo((RecordState.Pending, 0, false)));
        await pod.SweepUnsentAsync();
        Assert.That(pod.TakeSent(), Is.Empty, "not before the deferral has passed");
        await ExecuteAsync("delete from migration.lanes");
        await ExecuteAsync("update migration.ledger set not_before = clock_timestamp()");
        await pod.SweepUnsentAsync();
        await pod.DeliverAsync(pod.TakeSent().Single());
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
    }

    [Test]
    public async Task Should_hold_the_lanes_of_all_that_a_record_joins_until_it_ends()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1", "2");
        var person = await ClaimAsync(pod, run, "1");
        Assert.That(await pod.Claims.TryEnterAsync(person, ["prisoner/B", "prisoner/A", "thing/1"], CancellationToken.None));
        var other = await ClaimAsync(pod, run, "2");
        Assert.That(await pod.Claims.TryEnterAsync(other, ["prisoner/B", "prisoner/C"], CancellationToken.None), Is.False, "a claim does not wait");
        await Invariants.CheckAsync(Source, Estate);

        await pod.WriteOutcomeAsync(Outcome(other, RecordOutcome.Released));
        await pod.WriteOutcomeAsync(Outcome(person, RecordOutcome.Migrated("dps-1")));

        Assert.That(await ListAsync("select lane from migration.lanes"), Is.Empty);
        var deferred = await RowAsync(run, "2");
        Assert.That((deferred.State, deferred.Attempts, deferred.IsSent), Is.EqualTo((RecordState.Pending, 0, false)));

        static OutcomeEntry Outcome(Claim claim, RecordOutcome outcome) => new(claim.RunId, claim.Key, claim.Record, claim.ClaimNo, claim.Token, outcome, "create");
    }

    [Test]
    public async Task Should_free_every_lane_of_a_claim_that_runs_out_and_take_none_for_it_afterwards()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        var person = await ClaimAsync(pod, run, "1");
        await pod.Claims.TryEnterAsync(person, ["thing/9"], CancellationToken.None);
        await using var sync = await Sync.BeginAsync(Source);
        Assert.That(await sync.EnterAsync("9"), Is.EqualTo(Entered.Waiting));
        await sync.CommitAsync();

        await ExpireAndSweepAsync(pod, run, "1");

        Assert.That(await pod.Claims.TryEnterAsync(person, ["prisoner/B"], CancellationToken.None), Is.False);
        Assert.That(await ListAsync("select lane || ' ' || kind from migration.lanes"), Is.EqualTo(new[] { "thing/9 sync" }), "handed to who waited for it");
    }

    [Test]
    public async Task Should_defer_a_claim_that_comes_while_a_sync_enters()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        await using var sync = await Sync.BeginAsync(Source);
        Assert.That(await sync.EnterAsync("1"), Is.EqualTo(Entered.Mine));
        var delivery = pod.MigrateAsync(run, "1");
        await UntilBlockedAsync(pod);

        await sync.CommitAsync();

        Assert.That((await Eventually.Ends(delivery)).IsAcknowledged, Is.True);
        Assert.That((await RowAsync(run, "1")).State, Is.EqualTo(RecordState.Pending));
        Assert.That(await ScalarAsync<string>("select kind from migration.lanes"), Is.EqualTo("sync"));
        Assert.That(Estate.Count(Call.Create, "1"), Is.Zero);
    }

    [Test]
    public async Task Should_grant_a_claim_when_the_sync_that_entered_first_is_rolled_back()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Task<Delivery> delivery;
        await using (var sync = await Sync.BeginAsync(Source))
        {
            await sync.EnterAsync("1");
            delivery = pod.MigrateAsync(run, "1");
            await UntilBlockedAsync(pod);
        }

        await Eventually.Ends(delivery);
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
    }

    [Test]
    public async Task Should_let_a_sync_wait_that_enters_while_a_claim_commits_and_hand_it_the_lane()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        var create = Estate.HoldBefore(Call.Create, "1");
        await using var sync = await Sync.BeginAsync(Source);
        Task<Delivery> delivery;
        Task<Entered> entering;
        await using (var commits = await HeldCommits.OfAsync(Source, pod.Name))
        {
            delivery = pod.MigrateAsync(run, "1");
            await commits.ReachedAsync();
            entering = sync.EnterAsync("1");
            await Eventually.IsTrue(async () => await ScalarAsync<long>(
                "select count(*) from pg_stat_activity where application_name = 'test' and wait_event_type = 'Lock'") > 0, "the sync waits for the claim's commit");
        }

        Assert.That(await Eventually.Ends(entering), Is.EqualTo(Entered.Waiting));
        await sync.CommitAsync();
        await create.Reached;
        await Invariants.CheckAsync(Source, Estate);
        create.Release();
        await Eventually.Ends(delivery);

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await ScalarAsync<Guid>("select holder from migration.lanes where kind = 'sync' and waiting = 0"), Is.EqualTo(sync.Id));
    }

    [Test]
    public async Task Should_not_lose_a_sync_that_begins_to_wait_while_the_claim_leaves()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        var create = Estate.HoldBefore(Call.Create, "1");
        var delivery = pod.MigrateAsync(run, "1");
        await create.Reached;
        await using var sync = await Sync.BeginAsync(Source);
        Assert.That(await sync.EnterAsync("1"), Is.EqualTo(Entered.Waiting));
        create.Release();
        await UntilBlockedAsync(pod); // it leaves, and waits for the lane row that the sync has changed

        await sync.CommitAsync();
        await Eventually.Ends(delivery);

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await ScalarAsync<Guid>("select holder from migration.lanes where kind = 'sync' and waiting = 0"), Is.EqualTo(sync.Id));
        Assert.That(pod.Sent.OfType<LaneGranted>().Single().CorrelationId, Is.EqualTo(sync.Id), "it is told at once");
    }

    [Test]
    public async Task Should_keep_the_outcome_and_the_hand_over_when_the_sync_cannot_be_told()
    {
        var pod = StartPod();
        pod.DiesAtSending = x => x is LaneGranted;
        var run = await AddRunAsync("1");
        var create = Estate.HoldBefore(Call.Create, "1");
        var delivery = pod.MigrateAsync(run, "1");
        await create.Reached;
        await using var sync = await Sync.BeginAsync(Source);
        await sync.EnterAsync("1");
        await sync.CommitAsync();

        create.Release();

        Assert.That((await Eventually.Ends(delivery)).IsAcknowledged, Is.True);
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await ScalarAsync<Guid>("select holder from migration.lanes where kind = 'sync'"), Is.EqualTo(sync.Id), "the sweep will tell it");
    }

    [Test]
    public async Task Should_hand_the_lane_of_an_expired_claim_to_the_sync_that_waits_for_it()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Estate.FailBefore(Call.Create, "1", Ending.Killed);
        await pod.MigrateAsync(run, "1");
        await using var sync = await Sync.BeginAsync(Source);
        await sync.EnterAsync("1");
        await sync.CommitAsync();

        await ExpireAndSweepAsync(pod, run, "1");

        Assert.That(await ScalarAsync<Guid>("select holder from migration.lanes where kind = 'sync' and waiting = 0"), Is.EqualTo(sync.Id));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "1" }));
        Assert.That(pod.Sent.OfType<LaneGranted>().Single().CorrelationId, Is.EqualTo(sync.Id), "it is told at once");
    }

    [Test]
    public async Task Should_keep_the_lane_while_a_mapping_is_owed()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Estate.FailBefore(Call.Map, "1", Ending.Answered(503));
        await pod.MigrateAsync(run, "1");
        await using var sync = await Sync.BeginAsync(Source);
        Assert.That(await sync.EnterAsync("1"), Is.EqualTo(Entered.Waiting));
        await sync.CommitAsync();

        await pod.DeliverAsync(pod.TakeSent().OfType<WriteMapping>().Single());

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await ScalarAsync<Guid>("select holder from migration.lanes where kind = 'sync'"), Is.EqualTo(sync.Id));
    }

    [Test]
    public async Task Should_hand_the_lane_on_when_a_second_look_ends()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Estate.FailAfter(Call.Create, "1", Ending.NoAnswer);
        await pod.MigrateAsync(run, "1");
        await SettleAsync();
        var search = Estate.HoldBefore(Call.FindUnmapped, "1");
        var look = pod.SweepSecondLooksAsync();
        await search.Reached;
        await using var sync = await Sync.BeginAsync(Source);
        Assert.That(await sync.EnterAsync("1"), Is.EqualTo(Entered.Waiting));
        await sync.CommitAsync();

        search.Release();
        await Eventually.Ends(look);

        Assert.That(await ScalarAsync<Guid>("select holder from migration.lanes where kind = 'sync' and waiting = 0"), Is.EqualTo(sync.Id));
    }

    [Test]
    public async Task Should_hand_on_the_lane_of_a_look_that_died()
    {
        var pod = StartPod();
        await ExecuteAsync("insert into migration.lanes (lane, kind, holder, epoch, granted_at) values ('thing/1', 'look', gen_random_uuid(), 0, clock_timestamp() - interval '1 hour')");
        await using var sync = await Sync.BeginAsync(Source);
        Assert.That(await sync.EnterAsync("1"), Is.EqualTo(Entered.Waiting));
        await sync.CommitAsync();

        await pod.SweepSecondLooksAsync();

        Assert.That(await ScalarAsync<Guid>("select holder from migration.lanes where kind = 'sync' and waiting = 0"), Is.EqualTo(sync.Id));
    }

    [Test]
    public async Task Should_see_the_ambiguity_that_the_sweeper_added_as_it_freed_the_lane()
    {
        var (sweeper, next) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        var other = await AddRunAsync(["1"], RunState.Completed);
        Estate.FailAfter(Call.Create, "1", Ending.Killed);
        await sweeper.MigrateAsync(run, "1");
        await ExpireAsync(run, "1");
        Task sweep;
        Task<Delivery> delivery;
        await using (var commits = await HeldCommits.OfAsync(Source, sweeper.Name))
        {
            sweep = sweeper.SweepClaimsAsync();
            await commits.ReachedAsync();
            delivery = next.MigrateAsync(other, "1");
            await UntilBlockedAsync(next);
        }

        await Eventually.Ends(Task.WhenAll(sweep, delivery));
        Assert.That(await StateAsync(other, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(Estate.CreatedFor("1"), Is.EqualTo(new[] { Estate.MappedTo("1") }), "it was adopted");
    }

    [Test]
    public async Task Should_let_one_of_two_runs_create_and_the_other_find_the_mapping()
    {
        var (first, second) = (StartPod("pod-a"), StartPod("pod-b"));
        var old = await AddRunAsync(["1"], RunState.Completed);
        var active = await AddRunAsync("1");
        var create = Estate.HoldBefore(Call.Create, "1");
        var creating = first.MigrateAsync(active, "1");
        await create.Reached;

        await second.MigrateAsync(old, "1");
        Assert.That((await RowAsync(old, "1")).Attempts, Is.Zero, "deferred");
        create.Release();
        await Eventually.Ends(creating);
        await ExecuteAsync("update migration.ledger set not_before = clock_timestamp() where state = 'Pending'");
        await second.MigrateAsync(old, "1");

        Assert.That(await StateAsync(active, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await StateAsync(old, "1"), Is.EqualTo(RecordState.AlreadyMapped));
        Assert.That(Estate.Count(Call.Create, "1"), Is.EqualTo(1));
    }

    enum Entered
    {
        Mine,
        Waiting,
    }

    /// <summary>A sync's side of a lane: protocol section 7, enter, in a transaction of its own.</summary>
    sealed class Sync : IAsyncDisposable
    {
        readonly NpgsqlConnection _connection;
        readonly NpgsqlTransaction _transaction;

        Sync(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

        public Guid Id { get; } = Guid.NewGuid();

        public static async Task<Sync> BeginAsync(NpgsqlDataSource source)
        {
            var connection = await source.OpenConnectionAsync();
            return new Sync(connection, await connection.BeginTransactionAsync());
        }

        public async Task<Entered> EnterAsync(string key)
        {
            await using var enter = new NpgsqlCommand(
                """
                insert into migration.lanes (lane, kind, holder, epoch, phase) values ($1, 'sync', $2, nextval('migration.lane_epoch'), 'closed')
                on conflict (lane) do update set waiting = lanes.waiting + 1 where lanes.holder <> excluded.holder returning holder
                """, _connection)
            { Parameters = { new() { Value = "thing/" + key }, new() { Value = Id } } };
            if (await enter.ExecuteScalarAsync() is not Guid holder || holder == Id)
                return Entered.Mine;
            await using var wait = new NpgsqlCommand(
                "insert into migration.lane_waiters (lane, ticket, sync_id, entity, key, mode) values ($1, nextval('migration.lane_ticket'), $2, 'thing', $3, 'upsert')",
                _connection)
            { Parameters = { new() { Value = "thing/" + key }, new() { Value = Id }, new() { Value = key } } };
            await wait.ExecuteNonQueryAsync();
            return Entered.Waiting;
        }

        public Task CommitAsync() => _transaction.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await _transaction.DisposeAsync();
            await _connection.DisposeAsync();
        }
    }
}
