using System.Runtime.CompilerServices;
using Migration.Contracts.Syncs;
using Migration.Sagas.Persistence;

namespace Migration.Sagas.Syncs.Lanes;

/// <summary>
/// Lanes as a saga takes and leaves them, in its own transaction (protocol section 7). Each method is at least one statement of
/// its own: what is read because of a lock is read after the statement that took it.
/// </summary>
sealed class SagaLanes(MigrationDbContext database)
{
    static readonly string HandOverSql = GrantedLanes.HandOverSql.Replace("$1", "{0}", StringComparison.Ordinal);

    /// <summary>
    /// Takes the lane, or its place among those who wait for it, or finds an older change that covers this one. What comes after a
    /// waiting removal is covered by nothing that comes before it.
    /// </summary>
    public async Task<LaneEntry> EnterAsync(Sync sync, string lane, CancellationToken cancellationToken)
    {
        var phase = sync.GraceUntil is null ? "closed" : "open";
        var holders = await database.QueryAsync<Guid>(
            $"""
             insert into migration.lanes (lane, kind, holder, epoch, phase) values ({lane}, 'sync', {sync.CorrelationId}, nextval('migration.lane_epoch'), {phase})
             on conflict (lane) do update set waiting = lanes.waiting + 1 where lanes.holder <> excluded.holder
             returning holder
             """, cancellationToken);
        if (holders.Count == 0 || holders[0] == sync.CorrelationId)
            return LaneEntry.Mine;

        string[] absorbing = [.. SyncMode.Absorbing(sync.Mode)];
        var covering = await database.QueryAsync<Guid>(
            $"""
             with same as (
               select l.holder as id, 0::bigint as ticket from migration.lanes l join migration.syncs s on s.correlation_id = l.holder
               where l.lane = {lane} and l.phase = 'open' and s.domain = {sync.Domain} and s.entity = {sync.Entity} and s.key = {sync.Key} and s.mode = any ({absorbing})
                 and not exists (select from migration.lane_waiters d where d.lane = l.lane and d.entity = {EntityName(sync)} and d.key = s.key and d.mode = {SyncMode.Delete})
               union all
               select sync_id, ticket from (
                 select * from migration.lane_waiters where lane = {lane} and entity = {EntityName(sync)} and key = {sync.Key} order by ticket desc limit 1) w
               where mode = any ({absorbing})
               order by ticket limit 1
             ), waiting as (
               insert into migration.lane_waiters (lane, ticket, sync_id, entity, key, mode, grace_until)
               select {lane}, nextval('migration.lane_ticket'), {sync.CorrelationId}, {EntityName(sync)}, {sync.Key}, {sync.Mode}, {sync.GraceUntil}
               where not exists (select from same)
             ), undone as (
               update migration.lanes set waiting = waiting - 1 where lane = {lane} and exists (select from same)
             )
             select id from same
             """, cancellationToken);
        return covering.Count == 0 ? LaneEntry.Waiting : new LaneEntry(IsMine: false, covering[0]);
    }

    public async Task<bool> HoldsAsync(Sync sync, string lane, long epoch, CancellationToken cancellationToken) =>
        await database.ValueAsync<bool>(
            $"select exists (select from migration.lanes where lane = {lane} and holder = {sync.CorrelationId} and epoch = {epoch})", cancellationToken);

    /// <summary>From now on nobody is covered by this change: what comes waits.</summary>
    public Task CloseAsync(Sync sync, CancellationToken cancellationToken) => database.ExecuteAsync(
        $"update migration.lanes set phase = 'closed' where holder = {sync.CorrelationId} and phase = 'open'", cancellationToken);

    /// <summary>Leaves every lane that it holds; returns whom to tell that a lane is theirs now.</summary>
    public async Task<IReadOnlyList<LaneGranted>> LeaveAsync(Sync sync, CancellationToken cancellationToken)
    {
        // Several are locked in their order first; the one that most have is just left when nobody waits for it.
        if (sync.Lanes.Length == 1 && await DeleteAsync(sync, cancellationToken) == 1)
            return [];
        var waiting = await database.QueryAsync<int>($"select waiting from migration.lanes where holder = {sync.CorrelationId} order by lane for update", cancellationToken);
        if (waiting.Contains(0))
            await DeleteAsync(sync, cancellationToken);
        if (waiting.All(x => x == 0))
            return [];
        var granted = FormattableStringFactory.Create(HandOverSql, new[] { sync.CorrelationId } as object);
        return await database.QueryAsync(granted, x => new LaneGranted(x.GetGuid(1), x.GetString(0), x.GetInt64(2)), cancellationToken); // columns as hand_over.sql returns them
    }

    Task<int> DeleteAsync(Sync sync, CancellationToken cancellationToken) =>
        database.ExecuteAsync($"delete from migration.lanes where holder = {sync.CorrelationId} and waiting = 0", cancellationToken);

    static string EntityName(Sync sync) => $"{sync.Domain}/{sync.Entity}";
}

/// <summary>What came of asking for a lane.</summary>
/// <param name="IsMine">It is held now.</param>
/// <param name="AbsorbedBy">The older change that covers this one; null when there is none.</param>
sealed record LaneEntry(bool IsMine, Guid? AbsorbedBy)
{
    public static readonly LaneEntry Mine = new(IsMine: true, AbsorbedBy: null);
    public static readonly LaneEntry Waiting = new(IsMine: false, AbsorbedBy: null);
}
