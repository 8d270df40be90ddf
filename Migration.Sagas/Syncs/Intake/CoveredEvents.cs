using System.Text.Json;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Npgsql;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>
/// Ends events that a change which has not begun covers already, many in one statement: thousands of rows of a transaction tell
/// of one record, and each would otherwise wait for that record's lane in a transaction of its own.
/// </summary>
public sealed class CoveredEvents : IAsyncDisposable
{
    // A statement of its own: what is read because of these locks is read after they were taken.
    const string LockLanes = "select 1 from migration.lanes where lane = any ($1) order by lane for share";

    static readonly string Sql = SqlResource.Read("Syncs.Intake.covered.sql");

    readonly GroupCommit<Entry, bool> _group;

    public CoveredEvents(LedgerDatabase database, IOptions<EngineOptions> options) =>
        _group = new(database.Commits, WriteAsync, x => x.SyncId.ToString(), options.Value.GroupSize, options.Value.CommitPatience);

    /// <summary>True when the event has ended, now or at an earlier delivery; false when it needs a saga of its own.</summary>
    public async Task<bool> TryEndAsync(Guid syncId, string domain, SyncChange change, CancellationToken cancellationToken) =>
        // Only a change with grace leaves time for others to be covered by it.
        change is { Grace: not null, Lanes.Count: 1 } && SyncMode.Absorbing(change.Mode).Count > 0 && await _group.ExecuteAsync(new Entry(syncId, domain, change), cancellationToken);

    static async Task<IReadOnlyList<bool>> WriteAsync(NpgsqlConnection connection, IReadOnlyList<Entry> entries)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = // one transaction
            {
                LedgerDatabase.Statement(LockLanes, (object)Column(x => x.Change.Lanes[0])),
                LedgerDatabase.Statement(Sql, Column(x => x.SyncId), Column(x => x.Domain), Column(x => x.Change.Entity), Column(x => x.Change.Key), Column(x => x.Change.Mode),
                    Column(x => x.Change.Action), Column(x => JsonSerializer.Serialize(x.Change.Properties)), Column(x => x.Change.Lanes[0]),
                    Column(x => string.Join(',', SyncMode.Absorbing(x.Change.Mode)))),
            },
        };
        var ended = new HashSet<Guid>();
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        while (await reader.ReadAsync())
            ended.Add(reader.GetGuid(0));
        return [.. entries.Select(x => ended.Contains(x.SyncId))];

        T[] Column<T>(Func<Entry, T> value) => [.. entries.Select(value)];
    }

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    sealed record Entry(Guid SyncId, string Domain, SyncChange Change);
}
