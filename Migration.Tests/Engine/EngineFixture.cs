using Migration.Contracts.Runs;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Tests.Infrastructure;
using Npgsql;

namespace Migration.Tests.Engine;

/// <summary>A database for the fixture, an estate for each test, and as many pods as a test asks for. The invariants are checked after every test.</summary>
[Parallelizable] // each has a database of its own
public abstract class EngineFixture
{
    readonly List<EngineHost> _hosts = [];
    int _runs;

    protected string ConnectionString { get; private set; } = null!; // set once before the tests
    protected NpgsqlDataSource Source { get; private set; } = null!;
    protected FakeEstate Estate { get; private set; } = new();

    [OneTimeSetUp]
    public async Task CreateDatabase()
    {
        ConnectionString = await EngineDatabase.CreateAsync();
        Source = NpgsqlDataSource.Create(ConnectionString + ";Application Name=test");
    }

    [OneTimeTearDown]
    public async Task DropDatabase()
    {
        await Source.DisposeAsync();
        await TestPostgres.DropDatabaseAsync(ConnectionString);
    }

    [SetUp]
    public void Forget() => Estate = new FakeEstate();

    [TearDown]
    public async Task CheckInvariants()
    {
        try
        {
            await Invariants.CheckAsync(Source, Estate);
        }
        finally
        {
            foreach (var host in _hosts)
                await host.DisposeAsync();
            _hosts.Clear();
            await ExecuteAsync(
                """
                truncate migration.runs, migration.run_pages, migration.ledger, migration.run_counters, migration.lanes, migration.lane_waiters,
                  migration.ambiguous, migration.strays, migration.gates, migration.transitions, migration.inbox_state, migration.outbox_message, migration.outbox_state
                """);
        }
    }

    /// <summary>Times that no test waits for: what expires is made to by <see cref="ExpireAsync"/>.</summary>
    protected static EngineOptions Times() => new() { SenderGrace = TimeSpan.Zero, HoldWhilePaused = TimeSpan.Zero };

    protected EngineHost StartPod(string name = "pod-a", bool isTargetSearchable = true, EngineOptions? options = null, string? connectionString = null,
        TimeProvider? time = null)
    {
        var host = new EngineHost(connectionString ?? ConnectionString, name, options ?? Times(), [new FakeDomain(Estate, isTargetSearchable)], time);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Pods whose pages come from one source share its domain.</summary>
    protected EngineHost StartPod(string name, FakeDomain domain)
    {
        var host = new EngineHost(ConnectionString, name, Times(), [domain]);
        _hosts.Add(host);
        return host;
    }

    /// <summary>A run in the middle of its work whose records are sent.</summary>
    protected async Task<string> AddRunAsync(string[] keys, string state = RunState.Migrating, string domain = FakeDomain.Things)
    {
        var runId = $"2026-01-01T00:00:{_runs++:00}";
        // In one transaction: sagas that see a run before its records take it for complete.
        await using var batch = Source.CreateBatch();
        Add(
            """
            insert into migration.runs (run_id, correlation_id, domain, state, filter, started_at, started_by, check_no, next_check_at)
            values ($1, gen_random_uuid(), $2, $3, '{}', clock_timestamp(), 'test', 0, clock_timestamp() + interval '1 hour')
            """, runId, domain, state);
        Add("insert into migration.run_pages (run_id, page_key, state, sent_at, records) values ($1, '0', 'Reported', clock_timestamp(), $2)", runId, keys.Length);
        Add("insert into migration.ledger (run_id, key, page_key, sent_at) select $1, k, '0', clock_timestamp() from unnest($2::text[]) k", runId, keys);
        Add("insert into migration.run_counters (run_id, slot, state, n) values ($1, 'test', 'Pending', $2)", runId, (long)keys.Length);
        await batch.ExecuteNonQueryAsync();
        return runId;

        void Add(string sql, params object[] parameters)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var parameter in parameters)
                command.Parameters.Add(new NpgsqlParameter { Value = parameter });
            batch.BatchCommands.Add(command);
        }
    }

    protected Task<string> AddRunAsync(params string[] keys) => AddRunAsync(keys, RunState.Migrating);

    /// <summary>A claim that a test holds itself.</summary>
    protected static async Task<Claim> ClaimAsync(EngineHost pod, string run, string key) => (await pod.Claims.ClaimAsync(
        new ClaimRequest(run, key, "thing/" + key, "things/thing/" + key, Guid.NewGuid()), CancellationToken.None)).Claim!; // nobody else asks for it

    /// <summary>A pod works on a record until the held call; its end comes when the test lets it.</summary>
    protected static async Task<HeldDelivery> MigrateUntilAsync(HeldCall call, EngineHost pod, string run, string key = "1")
    {
        var delivery = pod.MigrateAsync(run, key);
        await call.Reached;
        return new HeldDelivery(call, delivery);
    }

    /// <summary>As <see cref="MigrateUntilAsync"/>; then its claim runs out and is swept.</summary>
    protected async Task<HeldDelivery> MigrateTooLongAsync(HeldCall call, EngineHost pod, EngineHost sweeper, string run, string key = "1")
    {
        var late = await MigrateUntilAsync(call, pod, run, key);
        await ExpireAndSweepAsync(sweeper, run, key);
        return late;
    }

    /// <summary>Waits until a statement of the pod waits for somebody's lock.</summary>
    protected Task UntilBlockedAsync(EngineHost pod) => Eventually.IsTrue(
        async () => await ScalarAsync<long>("select count(*) from pg_stat_activity where application_name = $1 and datname = current_database() and wait_event_type = 'Lock'", pod.Name) > 0,
        $"{pod.Name} waits for a lock");

    /// <summary>The record's claim runs out now.</summary>
    protected Task ExpireAsync(string runId, string key) => ExecuteAsync(
        "update migration.ledger set claimed_until = clock_timestamp() - interval '1 second' where run_id = $1 and key = $2 and state = 'Claimed'", runId, key);

    /// <summary>The record's claim runs out and a sweeper sees it.</summary>
    protected async Task ExpireAndSweepAsync(EngineHost sweeper, string runId, string key)
    {
        await ExpireAsync(runId, key);
        await sweeper.SweepClaimsAsync();
    }

    /// <summary>What an unknown call may have done is done by now.</summary>
    protected Task SettleAsync() => ExecuteAsync("update migration.ambiguous set look_after = clock_timestamp() - interval '1 second'");

    protected async Task<LedgerRow> RowAsync(string runId, string key)
    {
        await using var command = Sql.Command(Source,
            "select state, claim_no, attempts, target_id, existing_id, possible_duplicate, sent_at is not null, error from migration.ledger where run_id = $1 and key = $2", runId, key);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.That(await reader.ReadAsync(), Is.True, $"{runId}/{key} is in the ledger");
        return new LedgerRow(reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2), Text(3), Text(4), reader.GetBoolean(5), reader.GetBoolean(6), Text(7));

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    protected async Task<string> StateAsync(string runId, string key) => (await RowAsync(runId, key)).State;

    protected Task<string> RunStateAsync(string runId) => ScalarAsync<string>("select state from migration.runs where run_id = $1", runId);

    /// <summary>Target ids of open strays.</summary>
    protected Task<string[]> StraysAsync() => ListAsync("select target_id from migration.strays where state = 'Open' order by 1");

    /// <summary>Keys of records whose end is unknown.</summary>
    protected Task<string[]> AmbiguousAsync() => ListAsync("select split_part(record, '/', 3) from migration.ambiguous order by 1");

    /// <summary>Records that were created and wait for their mapping.</summary>
    protected Task<string[]> AmbiguousTargetsAsync() => ListAsync("select target_id from migration.ambiguous where target_id is not null order by 1");

    protected Task<long> CountAsync(string runId, string state) =>
        ScalarAsync<long>("select coalesce(sum(n), 0)::bigint from migration.run_counters where run_id = $1 and state = $2", runId, state);

    protected Task<int> ExecuteAsync(string sql, params object[] parameters) => Source.ExecuteAsync(sql, parameters);

    protected Task<T> ScalarAsync<T>(string sql, params object[] parameters) => Source.ScalarAsync<T>(sql, parameters);

    protected Task<string[]> ListAsync(string sql, params object[] parameters) => Source.ListAsync(sql, parameters);
}

/// <summary>A record's row as a test sees it.</summary>
public sealed record LedgerRow(
    string State, int ClaimNo, int Attempts, string? TargetId, string? ExistingId, bool PossibleDuplicate, bool IsSent, string? Error);

/// <summary>A delivery that stands still in one of its calls.</summary>
public sealed record HeldDelivery(HeldCall Call, Task<Delivery> Delivery)
{
    /// <summary>Lets the call go on, or end so; returns when the delivery has ended.</summary>
    public Task<Delivery> ReleaseAsync(Ending? ending = null)
    {
        Call.Release(ending);
        return Infrastructure.Eventually.Ends(Delivery);
    }
}
