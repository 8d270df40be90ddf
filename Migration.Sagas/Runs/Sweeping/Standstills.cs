using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Runs.Sweeping;

/// <summary>
/// Messages that were lost with their queue (protocol L14). Recognised by standstill, never by age: a backlog would double
/// itself. A standstill is no claim or outcome for minutes, open gates, and empty queues at two looks.
/// </summary>
public sealed partial class Standstills(LedgerDatabase database, IQueueDepths depths, IOptions<EngineOptions> options, TimeProvider time, ILogger<Standstills> logger) : ISweep
{
    const string Find =
        """
        select r.run_id, r.domain from migration.runs r
        where (r.state in ('Paging', 'Migrating', 'Cancelling')
            -- records that were reopened in a run that has ended
            or r.state in ('Completed', 'Failed') and exists (select from migration.ledger l where l.run_id = r.run_id and l.state in ('Pending', 'MappingPending')))
          and greatest(r.started_at, (select max(changed_at) from migration.run_counters c where c.run_id = r.run_id),
                       (select max(changed_at) from migration.run_pages p where p.run_id = r.run_id)) < clock_timestamp() - $1
          and not exists (select from migration.gates g where g.scope in ('all', 'domain/' || r.domain, 'run/' || r.run_id) and g.state <> 'open')
        """;

    const string ForgetRows =
        """
        with lost as (
          select run_id, key from migration.ledger
          where run_id = $1 and state in ('Pending', 'MappingPending') and sent_at is not null order by run_id, key for no key update skip locked
        )
        update migration.ledger l set sent_at = null from lost where l.run_id = lost.run_id and l.key = lost.key
        """;

    const string ForgetPages =
        "update migration.run_pages set sent_at = null, changed_at = clock_timestamp() - interval '1 minute' where run_id = $1 and state = 'Open' and sent_at is not null";

    readonly ConcurrentDictionary<string, DateTimeOffset> _firstLooks = new(StringComparer.Ordinal);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var still = await database.QueryAsync(Find, x => (RunId: x.GetString(0), Domain: x.GetString(1)), cancellationToken, options.Value.StandstillAfter);
        foreach (var moved in _firstLooks.Keys.Except(still.Select(x => x.RunId), StringComparer.Ordinal))
            _firstLooks.TryRemove(moved, out _);

        foreach (var (runId, domain) in still)
        {
            if (!await depths.AreEmptyAsync(QueueNames.Of(domain), cancellationToken))
            {
                _firstLooks.TryRemove(runId, out _);
                continue;
            }
            var firstLook = _firstLooks.GetOrAdd(runId, time.GetUtcNow());
            if (time.GetUtcNow() - firstLook < options.Value.StandstillSecondLook)
                continue;
            var pages = await database.ExecuteAsync(ForgetPages, cancellationToken, runId);
            var rows = await database.ExecuteAsync(ForgetRows, cancellationToken, runId);
            if (pages + rows > 0)
                LogStandstill(runId, rows, pages);
            _firstLooks.TryRemove(runId, out _);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} stands still with empty queues: {Rows} records and {Pages} pages are sent again")]
    partial void LogStandstill(string runId, int rows, int pages);
}

/// <summary>How much stands on the queues.</summary>
public interface IQueueDepths
{
    /// <summary>No visible message on any of them. A queue that does not exist is empty.</summary>
    Task<bool> AreEmptyAsync(IEnumerable<string> queues, CancellationToken cancellationToken);
}
