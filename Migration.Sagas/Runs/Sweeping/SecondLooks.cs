using Microsoft.Extensions.Logging;
using Migration.Sagas.Domains;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs.Lanes;

namespace Migration.Sagas.Runs.Sweeping;

/// <summary>
/// Records that we lost sight of, looked at once more when the call can no longer land (protocol section 9), under the
/// record's lane. Where a mapping stands, what else was created becomes a stray. Where none does, one created record is kept
/// for whoever comes next, to be mapped instead of created again. A look that is repeated sees the same.
/// </summary>
public sealed partial class SecondLooks(LedgerDatabase database, DomainRegistry domains, GrantedLanes lanes, UpstreamLimits limits, ILogger<SecondLooks> logger) : ISweep
{
    /// <summary>A look that died leaves its lane for this long.</summary>
    static readonly TimeSpan LookLease = TimeSpan.FromMinutes(5);

    /// <summary>What could not be settled is looked at again after this, and does not stand in the way of the others.</summary>
    static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);

    /// <summary>How long a look waits for its upstreams, which runs and syncs use as well.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    const string FindDeadLooks = "select holder from migration.lanes where kind = 'look' and granted_at < clock_timestamp() - $1";
    const string Find =
        """
        select record, since, target_id from migration.ambiguous
        where kind = 'create' and look_after < clock_timestamp() and split_part(record, '/', 1) || '/' || split_part(record, '/', 2) = any ($1)
        order by look_after limit 100
        """;
    const string EnterLane = "insert into migration.lanes (lane, kind, holder, epoch) values ($1, 'look', $2, nextval('migration.lane_epoch')) on conflict (lane) do nothing";
    const string LeaveLanes = "delete from migration.lanes where holder = any ($1) and kind = 'look' and waiting = 0";

    const string KeepStrays =
        """
        insert into migration.strays (record, target_id, reason, found_by)
        select $1, id, 'second look', 'sweeper' from unnest($2::text[]) id order by id
        on conflict (record, target_id) do nothing
        """;
    const string CloseMapped = "update migration.strays set state = 'Kept' where record = $1 and target_id = $2 and state = 'Open'";

    // Where the target cannot be searched, the unknown call is from now on the business of what has ended, a record of a run or a
    // sync: the flag says it all. One of them has it already if it made the call again itself.
    const string IsFlagged =
        """
        (exists (select from migration.ledger l join migration.runs r using (run_id) where r.domain = $3 and l.key = $4 and l.possible_duplicate)
         or exists (select from migration.syncs s where s.domain = $3 and s.entity = split_part($1, '/', 2) and s.key = $4 and s.possible_duplicate))
        """;
    const string IsUnknown = "exists (select from migration.ambiguous where record = $1 and kind = 'create' and since = $2 and unknown)";
    const string FlagRecord =
        $"""
        update migration.ledger l set possible_duplicate = true
        from (select l.run_id, l.key from migration.ledger l join migration.runs r using (run_id)
              where r.domain = $3 and l.key = $4 and l.state in ('Migrated', 'AlreadyMapped', 'Duplicate') order by r.started_at desc limit 1) ended
        where l.run_id = ended.run_id and l.key = ended.key and {IsUnknown} and not {IsFlagged}
        """;
    const string FlagSync =
        $"""
        update migration.syncs s set possible_duplicate = true
        from (select correlation_id from migration.syncs where domain = $3 and entity = split_part($1, '/', 2) and key = $4 and state in ('Completed', 'Compensated')
              order by received_at desc limit 1) ended
        where s.correlation_id = ended.correlation_id and {IsUnknown} and not {IsFlagged}
        """;
    const string SettleFlagged =
        $"delete from migration.ambiguous a where a.record = $1 and a.kind = 'create' and a.since = $2 and (not a.unknown or {IsFlagged})";
    const string Settle = "delete from migration.ambiguous where record = $1 and kind = 'create' and since = $2";
    const string KeepForTheNext = "update migration.ambiguous set target_id = $3, unknown = false where record = $1 and kind = 'create' and since = $2";
    const string Postpone = "update migration.ambiguous set look_after = clock_timestamp() + $3 where record = $1 and kind = 'create' and since = $2";

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await LeaveAsync([.. await database.QueryAsync(FindDeadLooks, x => x.GetGuid(0), cancellationToken, LookLease)], cancellationToken);
        var ours = domains.All.Select(x => x.Record("").TrimEnd('/')).ToArray();
        var due = await database.QueryAsync(Find, x => new Ambiguous(x.GetString(0), x.GetFieldValue<DateTimeOffset>(1), x.IsDBNull(2) ? null : x.GetString(2)),
            cancellationToken, (object)ours);
        foreach (var record in due)
        {
            using var slots = await limits.Of(domains[record.Domain]).EnterAsync(isLive: false, Patience, cancellationToken);
            if (slots is null)
                return; // busy, paused or away
            try
            {
                await LookAsync(record, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                await database.ExecuteAsync(Postpone, cancellationToken, record.Name, record.Since, LookAgain);
                LogUnseen(exception, record.Name);
            }
        }
    }

    async Task LookAsync(Ambiguous record, CancellationToken cancellationToken)
    {
        var (domain, key) = (domains[record.Domain], record.Key);
        var (lane, look) = (domain.Lane(key), Guid.NewGuid());
        if (await database.ExecuteAsync(EnterLane, cancellationToken, lane, look) == 0)
            return; // somebody works on it; the next sweep looks
        try
        {
            var mapped = await domain.FindMappedAsync(key, cancellationToken);
            var unmapped = (await domain.FindUnmappedAsync(key, cancellationToken)).Where(x => x != mapped).ToList();
            var isSettled = mapped is null
                ? await KeepAsync(domain, record, unmapped, cancellationToken)
                : await SettleAsync(domain, record, key, mapped, unmapped, cancellationToken);
            if (!isSettled)
                await database.ExecuteAsync(Postpone, cancellationToken, record.Name, record.Since, LookAgain);
        }
        finally
        {
            await LeaveAsync([look], CancellationToken.None);
        }
    }

    async Task<bool> SettleAsync(IMigrationDomain domain, Ambiguous record, string key, string mapped, List<string> unmapped, CancellationToken cancellationToken)
    {
        if (record.TargetId is { } created && created != mapped)
            unmapped.Add(created);
        await KeepStraysAsync(record, unmapped, cancellationToken);
        await database.ExecuteAsync(CloseMapped, cancellationToken, record.Name, mapped);
        if (domain.IsTargetSearchable)
            return await database.ExecuteAsync(Settle, cancellationToken, record.Name, record.Since) > 0;
        await database.ExecuteAsync(FlagRecord, cancellationToken, record.Name, record.Since, domain.Name, key);
        await database.ExecuteAsync(FlagSync, cancellationToken, record.Name, record.Since, domain.Name, key);
        return await database.ExecuteAsync(SettleFlagged, cancellationToken, record.Name, record.Since, domain.Name, key) > 0;
    }

    async Task<bool> KeepAsync(IMigrationDomain domain, Ambiguous record, List<string> unmapped, CancellationToken cancellationToken)
    {
        if (!domain.IsTargetSearchable)
            return false;
        var forTheNext = record.TargetId ?? unmapped.FirstOrDefault();
        await KeepStraysAsync(record, unmapped.Where(x => x != forTheNext), cancellationToken);
        if (forTheNext is null)
            return await database.ExecuteAsync(Settle, cancellationToken, record.Name, record.Since) > 0;
        await database.ExecuteAsync(KeepForTheNext, cancellationToken, record.Name, record.Since, forTheNext);
        return false;
    }

    async Task KeepStraysAsync(Ambiguous record, IEnumerable<string> targetIds, CancellationToken cancellationToken)
    {
        var strays = targetIds.Distinct(StringComparer.Ordinal).ToArray();
        if (strays.Length == 0)
            return;
        await database.ExecuteAsync(KeepStrays, cancellationToken, record.Name, strays);
        LogStrays(record.Name, string.Join(", ", strays));
    }

    // Who has begun to wait gets the lane: seen by a statement of its own, after the one that has waited for the lane's row.
    async Task LeaveAsync(Guid[] looks, CancellationToken cancellationToken)
    {
        if (looks.Length == 0)
            return;
        await database.ExecuteAsync(LeaveLanes, cancellationToken, (object)looks);
        await lanes.HandOverAsync(looks, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{TargetIds} created for {Record}: no mapping names them")]
    partial void LogStrays(string record, string targetIds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Record} could not be looked at; later")]
    partial void LogUnseen(Exception exception, string record);

    /// <param name="Name">domain/entity/key; a key may hold slashes.</param>
    sealed record Ambiguous(string Name, DateTimeOffset Since, string? TargetId)
    {
        readonly string[] _parts = Name.Split('/', 3);

        public string Domain => _parts[0];
        public string Key => _parts[2];
    }
}
