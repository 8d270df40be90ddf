using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Migration.Sagas.Runs.Ledger;
using Npgsql;

namespace Migration.Sagas.Persistence;

/// <summary>
/// Statements on the connection of a message, in its transaction. They go to the driver as they are, which prepares them: EF
/// builds and compiles a query around each, which cost more CPU than the statements.
/// </summary>
static class TransactionSql
{
    static readonly ConcurrentDictionary<string, string> Positional = new(StringComparer.Ordinal);

    /// <summary>Runs one statement and returns the number of rows.</summary>
    /// <param name="database">Its transaction is open.</param>
    /// <param name="sql">What is interpolated becomes a parameter.</param>
    public static async Task<int> ExecuteAsync(this MigrationDbContext database, FormattableString sql, CancellationToken cancellationToken = default)
    {
        await using var command = database.Command(sql);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs one query and reads the first column of its rows.</summary>
    public static Task<List<T>> QueryAsync<T>(this MigrationDbContext database, FormattableString sql, CancellationToken cancellationToken = default) =>
        database.QueryAsync(sql, x => x.GetFieldValue<T>(0), cancellationToken);

    /// <summary>Runs one query and reads its rows.</summary>
    public static async Task<List<T>> QueryAsync<T>(this MigrationDbContext database, FormattableString sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken = default)
    {
        await using var command = database.Command(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>The one value that a query returns.</summary>
    public static async Task<T> ValueAsync<T>(this MigrationDbContext database, FormattableString sql, CancellationToken cancellationToken = default) =>
        (await database.QueryAsync<T>(sql, cancellationToken))[0];

    static NpgsqlCommand Command(this MigrationDbContext database, FormattableString sql)
    {
        if (database.Database.CurrentTransaction is null)
            throw new InvalidOperationException("Statements of a message belong into its transaction.");
        var text = Positional.GetOrAdd(sql.Format, static (format, count) => string.Format(CultureInfo.InvariantCulture, format, [.. Enumerable.Range(1, count).Select(x => $"${x}")]), sql.ArgumentCount);
        var command = new NpgsqlCommand(text, (NpgsqlConnection)database.Database.GetDbConnection());
        command.Parameters.AddRange(LedgerDatabase.Positional(sql.GetArguments()));
        return command;
    }
}
