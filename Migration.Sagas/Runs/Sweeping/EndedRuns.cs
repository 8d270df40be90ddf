using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Runs.Sweeping;

/// <summary>
/// Rows of runs that ended long ago, removed a batch a sweep, the run itself last. What a person has still to look at stays:
/// strays and ambiguous records have rows of their own, and a possible duplicate keeps its row and its run.
/// </summary>
public sealed partial class EndedRuns(LedgerDatabase database, IOptions<EngineOptions> options, ILogger<EndedRuns> logger) : ISweep
{
    const int Batch = 2000;

    const string Find =
        """
        select r.run_id from migration.runs r
        where r.state in ('Completed', 'Cancelled', 'Failed') and r.ended_at < clock_timestamp() - $1
          and (exists (select from migration.ledger l where l.run_id = r.run_id and (l.state in ('Migrated', 'AlreadyMapped', 'Rejected', 'Duplicate', 'Failed') or r.state = 'Cancelled') and not l.possible_duplicate)
               or not exists (select from migration.ledger l where l.run_id = r.run_id))
        order by r.ended_at limit 1
        """;

    // Counters go down with the rows: the sum is exact in every snapshot.
    const string RemoveRows =
        """
        with old as (
          select l.run_id, l.key from migration.ledger l join migration.runs r using (run_id)
          where l.run_id = $1 and (l.state in ('Migrated', 'AlreadyMapped', 'Rejected', 'Duplicate', 'Failed') or r.state = 'Cancelled' and l.state = 'Pending')
            and not l.possible_duplicate
          order by l.run_id, l.key limit $2
          for no key update of l skip locked
        ), removed as (
          delete from migration.ledger l using old o where l.run_id = o.run_id and l.key = o.key returning l.run_id, l.state
        ), counted as (
          insert into migration.run_counters (run_id, slot, state, n) select run_id, $3, state, -count(*) from removed group by 1, 3 order by 1, 3
          on conflict (run_id, slot, state) do update set n = run_counters.n + excluded.n, changed_at = clock_timestamp()
        )
        select count(*) from removed
        """;

    // Its pages go with it.
    const string RemoveRun =
        """
        with gone as (
          delete from migration.runs r where r.run_id = $1 and not exists (select from migration.ledger l where l.run_id = r.run_id) returning r.run_id
        ), uncounted as (
          delete from migration.run_counters c using gone g where c.run_id = g.run_id
        )
        delete from migration.transitions t using gone g where t.subject = 'run/' || g.run_id
        """;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var runs = await database.QueryAsync(Find, x => x.GetString(0), cancellationToken, options.Value.KeepEndedRuns);
        foreach (var run in runs)
        {
            var removed = (await database.QueryAsync(RemoveRows, x => x.GetInt64(0), cancellationToken, run, Batch, database.Slot)).Single();
            if (removed > 0)
                LogRemoved(removed, run);
            else
                await database.ExecuteAsync(RemoveRun, cancellationToken, run);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} rows of run {RunId}, which ended long ago, are removed")]
    partial void LogRemoved(long count, string runId);
}
