using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>In a process that does not deliver: tells those that do.</summary>
sealed class OutboxCallService<TDb>(OutboxNotifications<TDb> notifications, OutboxSignal<TDb> signal, ILogger<OutboxCallService<TDb>> logger) : BackgroundService
    where TDb : DbContext
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await signal.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(false);
                await notifications.CallAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "No notification of new outbox messages; the deliverers will find them when they next look");
            }
        }
    }
}
