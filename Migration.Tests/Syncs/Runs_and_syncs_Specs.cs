using System.Collections.Concurrent;
using System.Diagnostics;
using Migration.Contracts.Runs;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs;
using Migration.Tests.Engine;
using Migration.Tests.Infrastructure;
using Npgsql;

namespace Migration.Tests.Syncs;

/// <summary>A run and changes of the same records, in the same lanes; alone (I23) and in a storm of expiries, kills and cancels.</summary>
public sealed class Runs_and_syncs_Specs : SyncFixture
{
    const int Records = 100;
    const string Run = "2026-01-01T00:00:00";
    static readonly TimeSpan Storm = TimeSpan.FromSeconds(6);

    readonly ConcurrentQueue<HeldCall> _held = new();

    [Test]
    public async Task Should_carry_over_a_change_that_comes_while_a_run_creates_its_record() // I23
    {
        Estate.SetNomis("1", 1);
        var host = await StartAsync(isSweeping: false); // nobody but the run tells it of its lane
        await using var pod = Pod("pod-a");
        await AddRunAsync("1");
        var map = Estate.HoldBefore("map", "1");
        var migration = pod.MigrateAsync(Run, "1");
        await map.Reached;
        var change = await EnteredAsync(host, FakeSyncDomain.Change("1", lanes: ["prisoner/A", "thing/1"]));
        Estate.SetNomis("1", 2);

        map.Release();
        await Eventually.Ends(migration);
        foreach (var granted in pod.TakeSent().OfType<LaneGranted>())
            await host.SendAsync(granted);

        await UntilAsync(host, change, SyncState.Completed);
        var record = Estate.DpsOf("1").Single();
        Assert.That((record.Key, record.Value.Version), Is.EqualTo((Estate.Mapping("1"), 2)), "one record, mapped, and up to date");
    }

    [Test]
    public async Task Should_flag_what_a_change_creates_after_a_run_failed_without_knowing_whether_it_did() // I23
    {
        Estate.SetNomis("1", 1);
        var losses = 1;
        Estate.OnCall = (call, _) => Task.FromResult(call == "create" && losses-- > 0 ? Fault.AnswerLost : Fault.None);
        await using var pod = Pod("pod-a", maxAttempts: 1);
        await AddRunAsync("1");
        await pod.MigrateAsync(Run, "1");
        Assert.That(await Source.ScalarAsync<string>("select state from migration.ledger"), Is.EqualTo(RecordState.Failed));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "create things/thing/1" }));
        var host = await StartAsync(isSweeping: false);

        var ended = await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("1")), SyncState.Completed);

        Assert.That((ended.PossibleDuplicate, Estate.Count("create", "1")), Is.EqualTo((true, 2)), "no silent second");
        Assert.That(ended.CreatedTargetId, Is.EqualTo(Estate.Mapping("1")));
    }

    [Test]
    public async Task Should_not_take_a_doubt_of_content_for_a_doubt_of_creation()
    {
        Estate.SetNomis("1", 1);
        await using var pod = Pod("pod-a");
        await AddRunAsync("1");
        await Source.ExecuteAsync(
            """
            insert into migration.ambiguous (record, kind, look_after, target_id, unknown) values
              ('things/thing/1', 'create', clock_timestamp() + interval '1 hour', $1, false), ('things/thing/1', 'set', clock_timestamp() + interval '1 hour', null, true)
            """, Estate.AddDps("1", 1));

        await pod.MigrateAsync(Run, "1");

        Assert.That((Estate.Count("create", "1"), Estate.DpsOf("1").Single().Key), Is.EqualTo((0, Estate.Mapping("1"))), "what is known is mapped");
    }

    [TestCase(true, TestName = "the change made the call again, and is flagged")]
    [TestCase(false, TestName = "the change found the mapping, and nobody is flagged yet")]
    public async Task Should_settle_the_doubt_of_a_create_whose_change_has_ended(bool isFlagged)
    {
        Estate.SetNomis("1", 1);
        var host = await StartAsync(isSweeping: false);
        var change = await host.RequestAsync(FakeSyncDomain.Change("1"));
        await UntilAsync(host, change, SyncState.Completed);
        await Source.ExecuteAsync("update migration.syncs set possible_duplicate = $1", isFlagged);
        await Source.ExecuteAsync("insert into migration.ambiguous (record, kind, look_after, unknown) values ('things/thing/1', 'create', clock_timestamp() - interval '1 second', true)");
        await using var pod = Pod("pod-a");

        await pod.SweepSecondLooksAsync();

        Assert.That(await AmbiguousAsync(), Is.Empty, "it is from now on the flag that tells of it");
        Assert.That((await host.Queries.ListAsync(domain: null, state: null, record: null, possibleDuplicate: true, 0, 10, default)).Select(x => x.SyncId), Is.EqualTo(new[] { change }));
    }

    [Test]
    public async Task Should_account_for_every_record_when_a_run_and_changes_meet_in_a_storm()
    {
        var chaos = new Chaos(20261124);
        var times = Times();
        (times.GrantHeardWithin, times.MaxAttempts) = (TimeSpan.FromMilliseconds(200), 6);
        Estate.OnCall = (call, _) => FaultAsync(chaos, call);
        var host = await StartAsync(options: times);
        await using EngineHost a = Pod("pod-a"), b = Pod("pod-b");
        string[] keys = [.. Enumerable.Range(0, Records).Select(x => $"{x}")];
        foreach (var key in keys)
            Estate.SetNomis(key, 1);
        await AddRunAsync(keys);
        EngineHost[] pods = [a, b];
        var queue = new LossyQueue(pods, chaos);
        using var end = new CancellationTokenSource();
        var consumers = Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => queue.ConsumeAsync(end.Token))));
        foreach (var key in keys)
            queue.Send(new MigrateEntity(Run, FakeSyncDomain.Things, key));

        var (watch, changes, snapshots) = (Stopwatch.StartNew(), 0, 0);
        for (; watch.Elapsed < Storm; snapshots++)
        {
            for (var i = 0; i < 10; i++, changes++)
            {
                var key = keys[chaos.Next(Records)];
                Estate.SetNomis(key, Estate.Nomis(key)!.Value + 1); // all are there
                await host.RequestAsync(FakeSyncDomain.Change(key));
            }
            await ExpireAsync($"{chaos.Next(1000)}");
            await pods[chaos.Next(2)].SweepClaimsAsync();
            await CollectAsync(host, pods, queue);
            Release(chaos.Next(3) == 0);
            if (snapshots % 3 == 2)
                await CancelAndResumeAsync(pods, chaos);
            await Invariants.CheckAsync(Source);
            await SyncInvariants.CheckAsync(Source, Estate);
        }
        await CalmAsync(chaos, host, pods, queue);
        await end.CancelAsync();
        Assert.That(() => consumers, Throws.InstanceOf<OperationCanceledException>());

        TestContext.Out.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s, {changes} changes, {snapshots} snapshots, {Estate.Dps.Count} records of DPS");
        var undecided = (await Source.ListAsync("select distinct key from migration.syncs where state in ('Failed', 'NeedsOperator')")).ToHashSet();
        var wrong = keys.Where(x => !undecided.Contains(x) && (Estate.Mapping(x) is not { } mapped || !Estate.Dps.TryGetValue(mapped, out var record) || record.Version != Estate.Nomis(x)));
        Assert.That(wrong, Is.Empty, "DPS shows the last state");
        Assert.That(undecided, Has.Count.LessThan(Records / 4));
        Assert.That(await LanesAsync(), Is.Empty);
        await Invariants.CheckAsync(Source);
    }

    async Task<Fault> FaultAsync(Chaos chaos, string call)
    {
        if (chaos.IsOver)
            return Fault.None;
        if (call is "create" or "map" or "update" && chaos.Next(10) == 0)
        {
            var held = new HeldCall();
            _held.Enqueue(held);
            await held.WaitAsync(); // a holder that stands still, past its lease perhaps
        }
        return chaos.Next(40) switch
        {
            0 => new Fault(429),
            1 => new Fault(503),
            2 or 3 => Fault.AnswerLost,
            4 => throw new LedgerUnavailableException("The process was killed.", new IOException()),
            _ => Fault.None,
        };
    }

    /// <summary>Some leases of claims and of steps run out now.</summary>
    async Task ExpireAsync(string salt)
    {
        await Source.ExecuteAsync(
            """
            with chosen as (select key from migration.ledger where run_id = $1 and state = 'Claimed' and hashtext(key || $2) % 3 = 0 order by key for no key update)
            update migration.ledger l set claimed_until = clock_timestamp() - interval '1 second' from chosen where l.run_id = $1 and l.key = chosen.key
            """, Run, salt);
        await Source.ExecuteAsync(
            """
            update migration.syncs set due_at = clock_timestamp() - interval '1 second' where correlation_id in (
              select correlation_id from migration.syncs where step_token is not null and due_at > clock_timestamp() + interval '20 seconds' and hashtext(key || $1) % 5 = 0
              order by correlation_id for no key update skip locked)
            """, salt);
    }

    static async Task CollectAsync(SyncHost host, EngineHost[] pods, LossyQueue queue)
    {
        foreach (var message in pods.SelectMany(x => x.TakeSent()))
        {
            if (message is LaneGranted)
                await host.SendAsync(message);
            else if (message is MigrateEntity or WriteMapping)
                queue.Send(message);
        }
    }

    // As the saga does it: under the closed gate, ended when nothing is in hand; then taken up again.
    async Task CancelAndResumeAsync(EngineHost[] pods, Chaos chaos)
    {
        await UnderGateAsync("update migration.runs set state = 'Cancelling' where run_id = $1");
        await Source.ExecuteAsync("update migration.ledger set claimed_until = clock_timestamp() - interval '1 second' where run_id = $1 and state = 'Claimed'", Run);
        await pods[chaos.Next(2)].SweepClaimsAsync();
        await UnderGateAsync(
            """
            update migration.runs set state = 'Cancelled', ended_at = clock_timestamp(), next_check_at = null
            where run_id = $1 and not exists (select from migration.ledger l where l.run_id = runs.run_id and l.state in ('Claimed', 'MappingPending'))
            """);
        await Invariants.CheckAsync(Source);
        await Source.ExecuteAsync("update migration.runs set state = 'Migrating', ended_at = null, next_check_at = clock_timestamp() + interval '1 hour' where run_id = $1", Run);
        await ResendAsync(pods);
    }

    async Task UnderGateAsync(string sql)
    {
        await using var connection = await Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var gate = new NpgsqlCommand("select pg_advisory_xact_lock(migration.run_gate($1))", connection) { Parameters = { new() { Value = Run } } })
            await gate.ExecuteNonQueryAsync();
        await using (var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = Run } } })
            await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    async Task ResendAsync(EngineHost[] pods)
    {
        await Source.ExecuteAsync(
            """
            with lost as (select key from migration.ledger where run_id = $1 and state in ('Pending', 'MappingPending') order by key for no key update)
            update migration.ledger l set sent_at = null, not_before = clock_timestamp() from lost where l.run_id = $1 and l.key = lost.key
            """, Run);
        await pods[0].SweepUnsentAsync();
    }

    /// <summary>Nothing fails any more: what was held goes on, leases of the dead run out, and an operator retries what has failed.</summary>
    async Task CalmAsync(Chaos chaos, SyncHost host, EngineHost[] pods, LossyQueue queue)
    {
        chaos.IsOver = true;
        await UntilAtRestAsync();
        var failed = await Source.ListAsync("select correlation_id::text from migration.syncs where state = 'Failed'");
        foreach (var sync in failed.Select(Guid.Parse))
        {
            await host.SendAsync(new RetrySync(sync, "operator"));
            await HeardAsync<RetrySync>(host, x => x.CorrelationId == sync);
        }
        await UntilAtRestAsync();
        await SettleAsync();
        foreach (var pod in pods)
            await pod.SweepSecondLooksAsync();
        await Eventually.IsTrue(async () => await Source.ScalarAsync<long>("select count(*) from migration.ambiguous where kind <> 'create' and look_after < clock_timestamp()") == 0, "doubts of content are over");
        await UntilAtRestAsync();

        Task UntilAtRestAsync() => Eventually.Value(async () =>
        {
            Release(all: true);
            await Source.ExecuteAsync(
                "update migration.syncs set due_at = clock_timestamp() - interval '1 second' where step_token is not null and due_at > clock_timestamp() + interval '20 seconds'");
            await ExpireAsync($"{chaos.Next(1000)}");
            await pods[1].SweepClaimsAsync();
            if (queue.IsIdle)
                await ResendAsync(pods);
            await CollectAsync(host, pods, queue);
            return await Source.ScalarAsync<long>(
                """
                select (select count(*) from migration.syncs where ended_at is null)
                     + (select count(*) from migration.ledger where state in ('Pending', 'Claimed', 'MappingPending'))
                """);
        }, x => x == 0 && queue.IsIdle, TimeSpan.FromMinutes(2), "all have ended");
    }

    void Release(bool all)
    {
        for (var i = _held.Count; i > 0 && _held.TryDequeue(out var held); i--)
        {
            if (all || i % 2 == 0)
                held.Release();
            else
                _held.Enqueue(held);
        }
    }

    EngineHost Pod(string name, int maxAttempts = 6) => new(ConnectionString, name,
        new EngineOptions { MaxAttempts = maxAttempts, GroupSize = 16, SenderGrace = TimeSpan.Zero, HoldWhilePaused = TimeSpan.Zero }, [new FakeSyncMigration(Estate)]);

    async Task AddRunAsync(params string[] keys)
    {
        await Source.ExecuteAsync(
            """
            insert into migration.runs (run_id, correlation_id, domain, state, filter, started_at, started_by, check_no, next_check_at)
            values ($1, gen_random_uuid(), $2, 'Migrating', '{}', clock_timestamp(), 'test', 0, clock_timestamp() + interval '1 hour')
            """, Run, FakeSyncDomain.Things);
        await Source.ExecuteAsync("insert into migration.run_pages (run_id, page_key, state, sent_at, records) values ($1, '0', 'Reported', clock_timestamp(), $2)", Run, keys.Length);
        await Source.ExecuteAsync("insert into migration.ledger (run_id, key, page_key, sent_at) select $1, k, '0', clock_timestamp() from unnest($2::text[]) k", Run, keys);
        await Source.ExecuteAsync("insert into migration.run_counters (run_id, slot, state, n) values ($1, 'test', 'Pending', $2)", Run, (long)keys.Length);
    }
}
