using Npgsql;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>The data sources of the run engine: raw SQL on the tables of schema <c>migration</c>, prepared by the driver.</summary>
public sealed class LedgerDatabase : IAsyncDisposable
{
    // Claims and outcomes name their rows by key, a few dozen at a time: index lookups, planned once. Left to itself the planner
    // read the whole ledger for every group (it cannot know how short the arrays are) and planned each statement anew.
    const string ByKey = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";

    /// <param name="connectionString">The service's own; pools and statement caches are set here.</param>
    public LedgerDatabase(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(Prepared(connectionString)) { MaxPoolSize = 20 };
        Source = NpgsqlDataSource.Create(settings);
        Commits = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Options = ByKey, MaxPoolSize = 6 });
    }

    /// <summary>The same statements come again and again: parsed and planned once a connection.</summary>
    public static string Prepared(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 64, AutoPrepareMinUsages = 2 }.ConnectionString;

    /// <summary>For everything but claims and outcomes.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>For the statements that name their rows by key.</summary>
    public NpgsqlDataSource Commits { get; }

    /// <summary>This process's name among the counters' slots.</summary>
    public string Slot { get; } = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}";

    /// <summary>Runs one statement and returns the number of rows.</summary>
    public async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = Source.CreateCommand(sql);
        command.Parameters.AddRange(Positional(parameters));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs one query and reads its rows.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = Source.CreateCommand(sql);
        command.Parameters.AddRange(Positional(parameters));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    internal static NpgsqlParameter[] Positional(params object?[] parameters) =>
        [.. parameters.Select(x => new NpgsqlParameter { Value = x ?? DBNull.Value })];

    internal static NpgsqlBatchCommand Statement(string sql, params object?[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(Positional(parameters));
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        await Commits.DisposeAsync();
        await Source.DisposeAsync();
    }
}
