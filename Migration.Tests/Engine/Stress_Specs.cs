using System.Diagnostics;
using Migration.Contracts.Runs;
using Migration.Sagas.Runs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

/// <summary>
/// Three pods, 300 records and everything that can go wrong at once. The invariants hold in every snapshot, and at the end
/// each record is accounted for.
/// </summary>
public class Stress_Specs : EngineFixture
{
    const int Records = 300;
    static readonly TimeSpan Storm = TimeSpan.FromSeconds(5);

    [TestCase(true, 20261124)]
    [TestCase(false, 20261125)]
    public async Task Should_account_for_every_record_when_everything_fails_now_and_then(bool isTargetSearchable, int seed)
    {
        var chaos = new Chaos(seed);
        var options = new EngineOptions { MaxAttempts = 6, GroupSize = 16, SenderGrace = TimeSpan.Zero, HoldWhilePaused = TimeSpan.Zero };
        EngineHost[] pods = [.. Enumerable.Range(0, 3).Select(x => StartPod($"pod-{x}", isTargetSearchable, options))];
        string[] keys = [.. Enumerable.Range(0, Records).Select(x => $"{x}")];
        var run = await AddRunAsync(keys);
        Estate.Otherwise = (call, _) => chaos.Plan(call);
        var queue = new LossyQueue(pods, chaos);
        using var end = new CancellationTokenSource();
        var consumers = Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => queue.ConsumeAsync(end.Token))));
        foreach (var key in keys)
            queue.Send(new MigrateEntity(run, FakeDomain.Things, key));

        var watch = Stopwatch.StartNew();
        var snapshots = 0;
        for (; watch.Elapsed < Storm; snapshots++)
        {
            await Task.WhenAll(StormAsync(chaos, pods, run), StormAsync(chaos, pods, run));
            queue.Collect();
            if (snapshots % 10 == 9)
                await CancelAndResumeAsync(chaos, pods, run);
            await Invariants.CheckAsync(Source, Estate);
        }
        await CalmAsync(chaos, pods, queue, run);
        await end.CancelAsync();
        Assert.That(() => consumers, Throws.InstanceOf<OperationCanceledException>());

        TestContext.Out.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s, {snapshots} snapshots, {Estate.Created().Count} created, {queue.DeadLetters} dead letters");
        await AssertAllAccountedForAsync(run, keys);
    }

    async Task StormAsync(Chaos chaos, EngineHost[] pods, string run)
    {
        var pod = pods[chaos.Next(pods.Length)];
        await ExecuteAsync(
            """
            with chosen as (select key from migration.ledger where run_id = $1 and state = 'Claimed' and hashtext(key || $2) % 3 = 0 order by key for no key update)
            update migration.ledger l set claimed_until = clock_timestamp() - interval '1 second' from chosen where l.run_id = $1 and l.key = chosen.key
            """, run, $"{chaos.Next(1000)}");
        await pod.SweepClaimsAsync();
        await LoseMessagesAsync(run, "hashtext(key || $2) % 5 = 0", $"{chaos.Next(1000)}");
        await pod.SweepUnsentAsync();
        if (chaos.Next(2) == 0)
            chaos.ReleaseSome();
    }

    // In key order like everybody who locks several rows.
    Task<int> LoseMessagesAsync(string run, string which = "$2 = ''", string salt = "") => ExecuteAsync(
        $"""
        with lost as (select key from migration.ledger where run_id = $1 and state in ('Pending', 'MappingPending') and {which} order by key for no key update)
        update migration.ledger l set sent_at = null from lost where l.run_id = $1 and l.key = lost.key
        """, run, salt);

    Task<int> ExpireAllAsync(string run) => ExecuteAsync(
        """
        with held as (select key from migration.ledger where run_id = $1 and state = 'Claimed' order by key for no key update)
        update migration.ledger l set claimed_until = clock_timestamp() - interval '1 second' from held where l.run_id = $1 and l.key = held.key
        """, run);

    // As the saga does it: the state under the closed gate, then the end when nothing is in hand.
    async Task CancelAndResumeAsync(Chaos chaos, EngineHost[] pods, string run)
    {
        await UnderGateAsync("update migration.runs set state = 'Cancelling' where run_id = $1");
        var isCancelled = false;
        for (var look = 0; look < 20 && !isCancelled; look++)
        {
            await ExpireAllAsync(run);
            await pods[chaos.Next(pods.Length)].SweepClaimsAsync();
            await Task.WhenAll((await ListAsync("select key || ' ' || claim_no from migration.ledger where run_id = $1 and state = 'MappingPending'", run))
                .Select(x => x.Split(' ')).Select(x => pods[0].DeliverAsync(new WriteMapping(run, FakeDomain.Things, x[0], int.Parse(x[1])))).Select(Held));
            isCancelled = await UnderGateAsync(
                """
                update migration.runs set state = 'Cancelled', ended_at = clock_timestamp(), next_check_at = null
                where run_id = $1 and not exists (select from migration.ledger l where l.run_id = runs.run_id and l.state in ('Claimed', 'MappingPending'))
                """) == 1;
            chaos.ReleaseSome();
        }
        if (isCancelled)
            await Invariants.CheckAsync(Source, Estate);
        await ExecuteAsync("update migration.runs set state = 'Migrating', ended_at = null, next_check_at = clock_timestamp() + interval '1 hour' where run_id = $1", run);
        await LoseMessagesAsync(run);

        // A call may be held for long: whoever waits for it lets it go first.
        async Task Held(Task<Delivery> delivery)
        {
            while (!delivery.IsCompleted)
            {
                chaos.ReleaseSome();
                await Task.Yield();
            }
            await delivery;
        }

        async Task<int> UnderGateAsync(string sql)
        {
            await using var connection = await Source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var gate = new Npgsql.NpgsqlCommand("select pg_advisory_xact_lock(migration.run_gate($1))", connection) { Parameters = { new() { Value = run } } })
                await gate.ExecuteNonQueryAsync();
            await using var command = new Npgsql.NpgsqlCommand(sql, connection) { Parameters = { new() { Value = run } } };
            var rows = await command.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
            return rows;
        }
    }

    /// <summary>Nothing fails any more: sweeps and deliveries until no record is open and nothing is under way.</summary>
    async Task CalmAsync(Chaos chaos, EngineHost[] pods, LossyQueue queue, string run)
    {
        chaos.IsOver = true;
        chaos.ReleaseSome(all: true);
        await Eventually.IsTrue(() =>
        {
            chaos.ReleaseSome(all: true);
            return queue.IsIdle;
        }, "nothing is under way");
        await Eventually.IsTrue(async () =>
        {
            await ExpireAllAsync(run);
            await pods[0].SweepClaimsAsync();
            await LoseMessagesAsync(run);
            await pods[1].SweepUnsentAsync();
            queue.Collect();
            await Eventually.IsTrue(() => queue.IsIdle, "all messages are consumed");
            return await ScalarAsync<long>("select count(*) from migration.ledger where run_id = $1 and state in ('Pending', 'Claimed', 'MappingPending')", run) == 0;
        }, "no record is open");
        await Invariants.CheckAsync(Source, Estate);
        await SettleAsync();
        await pods[2].SweepSecondLooksAsync();
        await pods[2].SweepSecondLooksAsync();
        await pods[2].SweepSecondLooksAsync();
    }

    async Task AssertAllAccountedForAsync(string run, string[] keys)
    {
        Assert.That(await ScalarAsync<long>("select sum(n)::bigint from migration.run_counters where run_id = $1", run), Is.EqualTo(Records));
        Assert.That(await ListAsync("select key from migration.ledger where run_id = $1 and state in ('Failed', 'Rejected', 'Duplicate') and coalesce(reason, '') = ''", run), Is.Empty);
        var strays = await StraysAsync();
        var unsure = (await AmbiguousAsync()).Concat(await ListAsync("select key from migration.ledger where possible_duplicate")).ToHashSet();
        var states = new Dictionary<string, int>();
        foreach (var key in keys)
        {
            var row = await RowAsync(run, key);
            states[row.State] = states.GetValueOrDefault(row.State) + 1;
            var mapped = Estate.MappedTo(key);
            if (row.State == RecordState.Migrated)
                Assert.That(row.TargetId, Is.Not.Null.And.EqualTo(mapped), $"{key} is mapped to what its row says");
            foreach (var extra in Estate.CreatedFor(key).Where(x => x != mapped))
                Assert.That(strays.Contains(extra) || unsure.Contains(key), Is.True, $"{extra}, made for {key}, is a stray, or its record is ambiguous or flagged");
            Assert.That(strays, Has.No.Member(mapped), $"{key} is mapped to a record that is no stray");
        }
        TestContext.Out.WriteLine(string.Join(", ", states.Select(x => $"{x.Value} {x.Key}")) + $", {strays.Length} strays, {unsure.Count} unsure");
        Assert.That(states.GetValueOrDefault(RecordState.Migrated), Is.GreaterThan(Records / 2));
        Assert.That(states.Keys, Is.SubsetOf(new[] { RecordState.Migrated, RecordState.Failed, RecordState.Rejected }));
    }
}
