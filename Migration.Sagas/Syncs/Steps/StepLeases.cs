using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Sagas.Runs;
using Npgsql;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>Keeps the steps of this process alive that have begun to change their target.</summary>
sealed partial class StepLeases(StepRows rows, IOptions<SyncOptions> options, IOptions<EngineOptions> engine, TimeProvider time, ILogger<StepLeases> logger) : BackgroundService
{
    readonly ConcurrentDictionary<Guid, StepLease> _inHand = new();

    /// <summary>Opens a lease that is renewed until <see cref="Release"/>.</summary>
    public StepLease Open(StepRow row)
    {
        var lease = new StepLease(row, rows, options.Value, engine.Value.StepDeadline, time);
        _inHand[lease.Token] = lease;
        return lease;
    }

    public void Release(StepLease lease) => _inHand.TryRemove(lease.Token, out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RenewEvery / 4, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var due = _inHand.Values.Where(x => x.NeedsRenewal).ToArray();
            if (due.Length == 0)
                continue;
            try
            {
                var askedAt = Moment.Now(time);
                var standing = await rows.RenewAsync([.. due.Select(x => x.Token)], stoppingToken);
                foreach (var lease in due)
                {
                    if (standing.Contains(lease.Token))
                        lease.Renewed(askedAt);
                    else
                        lease.Lose();
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                LogRenewalFailed(exception, due.Length); // the steps find out before their next call; the next tick tries again
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} steps could not be renewed")]
    partial void LogRenewalFailed(Exception exception, int count);
}
