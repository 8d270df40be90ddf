using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs;
using Migration.Tests.Infrastructure;
using Npgsql;

namespace Migration.Tests.Syncs;

/// <summary>A database for the fixture, an estate for each test. The invariants are checked after every test.</summary>
[Parallelizable] // each has a database of its own, and waits more than it works
public abstract class SyncFixture
{
    readonly List<SyncHost> _hosts = [];
    readonly List<BreakableWire> _wires = [];

    protected string ConnectionString { get; private set; } = null!; // set once before the tests
    protected NpgsqlDataSource Source { get; private set; } = null!;
    protected FakeSyncEstate Estate { get; private set; } = new();
    protected FakeSyncDomain Domain { get; private set; } = new(new FakeSyncEstate());

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
    public void Forget()
    {
        Estate = new FakeSyncEstate();
        Domain = new FakeSyncDomain(Estate);
    }

    [TearDown]
    public async Task CheckInvariants()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
        _hosts.Clear();
        foreach (var wire in _wires)
            await wire.DisposeAsync();
        _wires.Clear();
        try
        {
            await SyncInvariants.CheckAsync(Source, Estate);
        }
        finally
        {
            await Source.ExecuteAsync(
                """
                truncate migration.runs, migration.run_pages, migration.ledger, migration.run_counters, migration.lanes, migration.lane_waiters, migration.ambiguous,
                  migration.strays, migration.gates, migration.transitions, migration.syncs, migration.parked_events, migration.inbox_state, migration.outbox_message, migration.outbox_state
                """);
        }
    }

    /// <summary>Times that no test waits for: what is overdue is made to by <see cref="OverdueAsync"/>.</summary>
    protected static SyncOptions Times() => new() { BackOff = [TimeSpan.Zero], GrantHeardWithin = TimeSpan.FromSeconds(1), MaxAttempts = 4 };

    protected async Task<SyncHost> StartAsync(bool hasSteps = true, bool isSweeping = true, SyncOptions? options = null, string? connectionString = null)
    {
        var host = await SyncHost.StartAsync(connectionString ?? ConnectionString, Domain, options ?? Times(), hasSteps, isSweeping);
        _hosts.Add(host);
        return host;
    }

    /// <summary>A wire to the database, for a host to be started on.</summary>
    protected async Task<BreakableWire> WireAsync()
    {
        var wire = await BreakableWire.ToAsync(ConnectionString);
        _wires.Add(wire);
        return wire;
    }

    protected static async Task<SyncSummary> UntilAsync(SyncHost host, Guid sync, string state) =>
        (await Eventually.Value(() => host.Queries.FindAsync(sync, CancellationToken.None), x => x?.State == state, what: $"{sync} is {state}"))!; // it is in that state

    protected static async Task<SyncSummary> UntilEndedAsync(SyncHost host, Guid sync) =>
        (await Eventually.Value(() => host.Queries.FindAsync(sync, CancellationToken.None), x => x?.HasEnded == true, what: $"{sync} has ended"))!; // as above

    /// <summary>The sync's time passes now.</summary>
    protected Task OverdueAsync(Guid sync) => Source.ExecuteAsync("update migration.syncs set due_at = clock_timestamp() - interval '1 second' where correlation_id = $1 and due_at is not null", sync);

    /// <summary>What an unknown call may have done is done by now.</summary>
    protected Task SettleAsync() => Source.ExecuteAsync("update migration.ambiguous set look_after = clock_timestamp() - interval '1 second'");

    /// <summary>An event is taken in and has its place; returns the sync's id.</summary>
    protected static async Task<Guid> EnteredAsync(SyncHost host, SyncChange change)
    {
        var sync = await host.RequestAsync(change);
        await Eventually.IsTrue(async () => await host.Queries.FindAsync(sync, CancellationToken.None) is not null, $"{sync} has entered");
        return sync;
    }

    /// <summary>The step that the sync waits for.</summary>
    protected async Task<PushChange> StepOfAsync(Guid sync) =>
        new(sync, FakeSyncDomain.Things, await Source.ScalarAsync<int>("select step_no from migration.syncs where correlation_id = $1", sync));

    protected static Task HeardAsync<T>(SyncHost host, Func<T, bool> isMeant) => Eventually.IsTrue(() => host.Heard.OfType<T>().Any(isMeant), $"a {typeof(T).Name} is heard");

    /// <summary>Waits until a statement of the sagas waits for a row.</summary>
    protected Task UntilBlockedAsync() => Eventually.IsTrue(
        async () => await Source.ScalarAsync<long>("select count(*) from pg_stat_activity where application_name = 'syncs' and datname = current_database() and wait_event_type = 'Lock' and wait_event <> 'advisory'") > 0,
        "a saga waits for a row");

    protected Task<string[]> StraysAsync() => Source.ListAsync("select target_id from migration.strays where state = 'Open' order by 1");

    protected Task<string[]> AmbiguousAsync() => Source.ListAsync("select kind || ' ' || record from migration.ambiguous order by 1");

    protected Task<string[]> LanesAsync() => Source.ListAsync("select lane from migration.lanes order by 1");
}
