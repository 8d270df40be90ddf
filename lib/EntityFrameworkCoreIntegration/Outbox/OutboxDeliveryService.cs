using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>
/// Delivers the outbox as long as the host runs. It is woken by this process's own commits, by other processes that have more than they can take
/// (<see cref="OutboxNotifications{TDb}"/>), and every <c>QueryDelay</c> in any case.
/// </summary>
sealed class OutboxDeliveryService<TDb>(
    OutboxDelivery<TDb> delivery,
    OutboxNotifications<TDb> notifications,
    OutboxSignal<TDb> signal,
    IBusControl bus,
    IServiceScopeFactory scopes,
    OutboxOptions<TDb> options,
    OutboxMetrics<TDb> metrics,
    TimeProvider time,
    ILogger<OutboxDeliveryService<TDb>> logger) : BackgroundService
    where TDb : DbContext
{
    // Under load, every commit wakes the delivery: without a pause it would make a pass for every message, which costs about as much as the message did.
    static readonly TimeSpan PauseAfterPass = TimeSpan.FromMilliseconds(10);

    // After a pass that the broker or the database failed. Signals do not cut it short: every commit would make a pass that fails.
    static readonly TimeSpan PauseAfterOutage = TimeSpan.FromSeconds(1);

    // The bus tells nobody when it becomes ready: without looking again, what a start found waiting would wait for the whole QueryDelay.
    static readonly TimeSpan PauseUntilReady = TimeSpan.FromMilliseconds(100);

    static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(10);

    readonly Guid _delivererId = NewId.NextGuid();
    long _delivered;
    long _failed;
    long _reported;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopListening = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var listening = options.UsesNotifications ? notifications.ListenAsync(stopListening.Token) : Task.CompletedTask;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var isReady = bus.CheckHealth().Status != BusHealthStatus.Unhealthy; // not started, or nothing of it works
                var pass = isReady ? await DeliverAsync(stoppingToken).ConfigureAwait(false) : default;
                await ReportAsync(stoppingToken).ConfigureAwait(false);
                if (!isReady)
                    await Task.Delay(AtMostQueryDelay(PauseUntilReady), stoppingToken).ConfigureAwait(false);
                else if (pass.IsOutage)
                    await Task.Delay(AtMostQueryDelay(PauseAfterOutage), stoppingToken).ConfigureAwait(false);
                else if (pass.Sent > 0 || pass.IsFull)
                    await Task.Delay(PauseAfterPass, stoppingToken).ConfigureAwait(false);
                else
                    await signal.WaitAsync(options.QueryDelay, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // The database is away, or a statement failed: the rows are still there.
                var pause = AtMostQueryDelay(PauseAfterOutage);
                logger.LogError(e, "The outbox of {DbContext} could not be delivered; trying again in {Delay}", typeof(TDb).Name, pause);
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await stopListening.CancelAsync().ConfigureAwait(false);
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task<OutboxPass> DeliverAsync(CancellationToken stoppingToken)
    {
        var pass = await delivery.DeliverAsync(stoppingToken).ConfigureAwait(false);
        _delivered += pass.Sent;
        _failed += pass.Failed;
        if (options.UsesNotifications && pass.IsFull)
            await notifications.CallForHelpAsync(stoppingToken).ConfigureAwait(false);
        return pass;
    }

    TimeSpan AtMostQueryDelay(TimeSpan pause) => options.QueryDelay < pause ? options.QueryDelay : pause;

    /// <summary>Every ten seconds: who delivers, for people, and how much waits, for the gauges.</summary>
    async Task ReportAsync(CancellationToken stoppingToken)
    {
        if (_reported != 0 && time.GetElapsedTime(_reported) < ReportInterval)
            return;
        _reported = time.GetTimestamp();
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var db = scope.ServiceProvider.GetRequiredService<TDb>();
            var host = $"{Environment.MachineName}/{Environment.ProcessId}";
            var tables = OutboxTables.Of(db);
            await db.Database.ExecuteSqlRawAsync(tables.UpsertState, [_delivererId, host, _delivered, _failed], stoppingToken).ConfigureAwait(false);
            await db.Database.ExecuteSqlRawAsync(tables.DeleteOldStates, stoppingToken).ConfigureAwait(false);
            metrics.Backlog = await db.GetOutboxBacklogAsync(stoppingToken).ConfigureAwait(false);
        }
    }
}
