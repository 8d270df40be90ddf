using Npgsql;

namespace Migration.Local.Syncs;

/// <summary>What the engine's own tables hold when nothing moves any more.</summary>
/// <param name="Lanes">Held, by whomever.</param>
/// <param name="Waiters">Waiting for a lane.</param>
/// <param name="Doubts">Records with a call of unknown end, to be looked at when it can no longer land.</param>
sealed record SyncLeftovers(long Lanes, long Waiters, long Doubts)
{
    public static async Task<SyncLeftovers> ReadAsync(string database, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select (select count(*) from migration.lanes), (select count(*) from migration.lane_waiters), (select count(*) from migration.ambiguous)");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new SyncLeftovers(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}
