using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Runs.Sweeping;

/// <summary>
/// Asks run sagas to look at themselves: when their next check is due (protocol R7), and at once when the counters say that
/// nothing is open any more. The counters only say when to look; the saga reads the rows.
/// </summary>
public sealed partial class DueChecks(LedgerDatabase database, IBus bus, IOptions<EngineOptions> options, TimeProvider time, ILogger<DueChecks> logger) : BackgroundService
{
    const string Find =
        """
        select r.correlation_id, r.run_id, r.check_no from migration.runs r
        where r.state in ('Requested', 'Estimating', 'Paging', 'Migrating', 'Cancelling')
          and (r.next_check_at <= clock_timestamp()
            or r.state in ('Migrating', 'Cancelling')
               and coalesce((select sum(n) from migration.run_counters c
                             where c.run_id = r.run_id and (c.state in ('Claimed', 'MappingPending') or c.state = 'Pending' and r.state = 'Migrating')), 0) = 0)
        """;

    readonly Dictionary<string, (int CheckNo, DateTimeOffset At)> _asked = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.WatchEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await AskAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested && exception is not OutOfMemoryException)
            {
                LogFailed(exception); // database or broker is away; the next tick tries again
            }
        }
    }

    async Task AskAsync(CancellationToken cancellationToken)
    {
        var due = await database.QueryAsync(Find, x => new CheckProgress(x.GetGuid(0), x.GetString(1), x.GetInt32(2)), cancellationToken);
        foreach (var run in _asked.Keys.Except(due.Select(x => x.RunId), StringComparer.Ordinal).ToArray())
            _asked.Remove(run);
        if (due.Count == 0)
            return;
        var runs = await bus.GetSendEndpoint(QueueNames.Address(QueueNames.Runs));
        foreach (var check in due)
        {
            // The message may still be under way; ask for the same check again only after a while.
            if (_asked.TryGetValue(check.RunId, out var asked) && asked.CheckNo == check.CheckNo && time.GetUtcNow() - asked.At < TimeSpan.FromSeconds(5))
                continue;
            await runs.Send(check, cancellationToken);
            _asked[check.RunId] = (check.CheckNo, time.GetUtcNow());
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Runs could not be asked to check themselves")]
    partial void LogFailed(Exception exception);
}
