using Npgsql;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>The data source of the run engine: raw SQL on the tables of schema <c>migration</c>, prepared by the driver.</summary>
public sealed class LedgerDatabase : IAsyncDisposable
{
    /// <param name="connectionString">The service's own; pool and statement cache are set here.</param>
    public LedgerDatabase(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 64, AutoPrepareMinUsages = 2, MaxPoolSize = 20 };
        Source = NpgsqlDataSource.Create(settings);
    }

    public NpgsqlDataSource Source { get; }

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

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
