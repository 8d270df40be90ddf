using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Runs.Sweeping;

namespace Migration.Sagas.Syncs.Sweeping;

/// <summary>
/// Syncs that ended well long ago, with their transitions, and what else is done with: events that were replayed, strays that were
/// closed. A batch a sweep, oldest first: what is covered arrived, and so ended, before what covers it. What a person has still to
/// look at stays, and so do the parts of a broad sync that goes on.
/// </summary>
sealed partial class EndedSyncs(LedgerDatabase database, IOptions<SyncOptions> options, ILogger<EndedSyncs> logger) : ISweep
{
    const int Batch = 2000;

    const string RemoveSyncs =
        """
        with old as (
          select s.correlation_id from migration.syncs s
          where s.ended_at < clock_timestamp() - $1 and s.state in ('Completed', 'Ignored', 'Superseded', 'Compensated') and not s.possible_duplicate
            and not exists (select from migration.syncs b where b.correlation_id = s.broad_id and b.ended_at is null)
          order by s.ended_at limit $2
          for update skip locked
        ), removed as (
          delete from migration.syncs s using old o where s.correlation_id = o.correlation_id returning s.correlation_id
        ), told as (
          delete from migration.transitions t using removed r where t.saga_id = r.correlation_id
        )
        select count(*) from removed
        """;

    const string RemoveReplayed =
        """
        delete from migration.parked_events where (id, domain) in (
          select id, domain from migration.parked_events where replayed_at < clock_timestamp() - $1 order by replayed_at limit $2 for update skip locked)
        """;

    const string RemoveClosed =
        """
        delete from migration.strays where id in (
          select id from migration.strays where closed_at < clock_timestamp() - $1 order by closed_at limit $2 for update skip locked)
        """;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var keep = options.Value.KeepEndedSyncs;
        var syncs = (await database.QueryAsync(RemoveSyncs, x => x.GetInt64(0), cancellationToken, keep, Batch)).Single();
        var events = await database.ExecuteAsync(RemoveReplayed, cancellationToken, keep, Batch);
        var strays = await database.ExecuteAsync(RemoveClosed, cancellationToken, keep, Batch);
        if (syncs + events + strays > 0)
            LogRemoved(syncs, events, strays);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Syncs} syncs, {Events} replayed events and {Strays} closed strays, done with long ago, are removed")]
    partial void LogRemoved(long syncs, int events, int strays);
}
