using System.Runtime.InteropServices;
using Npgsql;

namespace Migration.Benchmarks.Sagas;

/// <summary>What Postgres has counted since it began.</summary>
sealed class ServerCounters(string connectionString)
{
    public async Task<Reading> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("""
            select (select xact_commit from pg_stat_database where datname = current_database()), pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Reading(reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <param name="Commits">Of this database.</param>
    /// <param name="WalBytes">Of the whole server.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Reading(long Commits, long WalBytes)
    {
        public static Reading operator -(Reading x, Reading y) => new(x.Commits - y.Commits, x.WalBytes - y.WalBytes);
    }
}
