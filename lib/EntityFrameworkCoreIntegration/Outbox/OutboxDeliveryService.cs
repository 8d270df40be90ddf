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
    TimeProvider time,
    ILogger<OutboxDeliveryService<TDb>> logger) : BackgroundService
    where TDb : DbContext
{
    static readonly TimeSpan StateInterval = TimeSpan.FromSeconds(10);

    readonly Guid _delivererId = NewId.NextGuid();
    long _delivered;
    long _failed;
    long _stateWritten;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopListening = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var listening = options.UsesNotifications ? notifications.ListenAsync(stopListening.Token) : Task.CompletedTask;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await DeliverAsync(stoppingToken).ConfigureAwait(false))
                    await signal.WaitAsync(options.QueryDelay, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // The database is away, or a statement failed: the rows are still there.
                logger.LogError(e, "The outbox of {DbContext} could not be delivered; trying again in {Delay}", typeof(TDb).Name, options.QueryDelay);
                await Task.Delay(options.QueryDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await stopListening.CancelAsync().ConfigureAwait(false);
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>True when there may be more to do at once.</summary>
    async Task<bool> DeliverAsync(CancellationToken stoppingToken)
    {
        if (bus.CheckHealth().Status == BusHealthStatus.Unhealthy)
            return false; // an attempt would only push every row into its back-off
        var pass = await delivery.DeliverAsync(stoppingToken).ConfigureAwait(false);
        _delivered += pass.Sent;
        _failed += pass.Failed;
        if (options.UsesNotifications && pass.Taken >= options.QueryMessageLimit)
            await notifications.CallForHelpAsync(stoppingToken).ConfigureAwait(false);
        await WriteStateAsync(stoppingToken).ConfigureAwait(false);
        return pass.Sent > 0;
    }

    async Task WriteStateAsync(CancellationToken stoppingToken)
    {
        if (_stateWritten != 0 && time.GetElapsedTime(_stateWritten) < StateInterval)
            return;
        _stateWritten = time.GetTimestamp();
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var db = scope.ServiceProvider.GetRequiredService<TDb>();
            var host = $"{Environment.MachineName}/{Environment.ProcessId}";
            var tables = OutboxTables.Of(db);
            await db.Database.ExecuteSqlRawAsync(tables.UpsertState, [_delivererId, host, _delivered, _failed], stoppingToken).ConfigureAwait(false);
            await db.Database.ExecuteSqlRawAsync(tables.DeleteOldStates, stoppingToken).ConfigureAwait(false);
        }
    }
}
