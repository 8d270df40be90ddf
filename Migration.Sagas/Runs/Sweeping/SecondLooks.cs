using Microsoft.Extensions.Logging;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Runs.Sweeping;

/// <summary>
/// Records that we lost sight of, looked at once more when the call can no longer land (protocol section 9): under the
/// record's lane, records of the target that no mapping names become strays. Where the target cannot be searched there is
/// nothing to see: the flag of the record that was pushed again stays, and the ambiguity with it until that is settled.
/// </summary>
public sealed partial class SecondLooks(LedgerDatabase database, DomainRegistry domains, ILogger<SecondLooks> logger) : ISweep
{
    /// <summary>A look that died leaves its lane for this long.</summary>
    static readonly TimeSpan LookLease = TimeSpan.FromMinutes(5);

    const string FindDeadLooks = "select holder from migration.lanes where kind = 'look' and granted_at < clock_timestamp() - $1";
    const string Find = "select record, since from migration.ambiguous where kind = 'create' and target_id is null and look_after < clock_timestamp() order by look_after limit 100";
    const string EnterLane = "insert into migration.lanes (lane, kind, holder, epoch) values ($1, 'look', $2, nextval('migration.lane_epoch')) on conflict (lane) do nothing";
    const string LeaveLanes = "delete from migration.lanes where holder = any ($1) and kind = 'look' and waiting = 0";
    const string Settle = "delete from migration.ambiguous where record = $1 and kind = 'create' and since = $2";
    const string SettleFlagged =
        """
        delete from migration.ambiguous a where a.record = $1 and a.kind = 'create' and a.since = $2
          and exists (select from migration.ledger l join migration.runs r using (run_id)
                      where r.domain = $3 and l.key = $4 and l.possible_duplicate and l.state in ('Migrated', 'Duplicate'))
        """;
    const string KeepStray = "insert into migration.strays (record, target_id, reason, found_by) values ($1, $2, 'second look', 'sweeper') on conflict (record, target_id) do nothing";

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await LeaveAsync([.. await database.QueryAsync(FindDeadLooks, x => x.GetGuid(0), cancellationToken, LookLease)], cancellationToken);
        var due = await database.QueryAsync(Find, x => (Record: x.GetString(0), Since: x.GetFieldValue<DateTimeOffset>(1)), cancellationToken);
        foreach (var (record, since) in due)
        {
            var parts = record.Split('/', 3);
            var domain = domains[parts[0]];
            if (domain.IsTargetSearchable)
                await LookAsync(domain, record, parts[2], since, cancellationToken);
            else
                await database.ExecuteAsync(SettleFlagged, cancellationToken, record, since, domain.Name, parts[2]);
        }
    }

    async Task LookAsync(IMigrationDomain domain, string record, string key, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var (lane, look) = (domain.Lane(key), Guid.NewGuid());
        if (await database.ExecuteAsync(EnterLane, cancellationToken, lane, look) == 0)
            return; // somebody works on it; the next sweep looks
        try
        {
            foreach (var stray in await domain.FindUnmappedAsync(key, cancellationToken))
            {
                await database.ExecuteAsync(KeepStray, cancellationToken, record, stray);
                LogStray(record, stray);
            }
            await database.ExecuteAsync(Settle, cancellationToken, record, since);
        }
        finally
        {
            await LeaveAsync([look], CancellationToken.None);
        }
    }

    // Who has begun to wait gets the lane: seen by a statement of its own, after the one that has waited for the lane's row.
    async Task LeaveAsync(Guid[] looks, CancellationToken cancellationToken)
    {
        if (looks.Length == 0)
            return;
        await database.ExecuteAsync(LeaveLanes, cancellationToken, (object)looks);
        await database.ExecuteAsync(Outcomes.HandOverSql, cancellationToken, (object)looks);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{TargetId} was created for {Record} and no mapping names it")]
    partial void LogStray(string record, string targetId);
}
