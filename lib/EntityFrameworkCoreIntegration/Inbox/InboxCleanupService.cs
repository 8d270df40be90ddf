using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>Removes inbox rows that are older than the duplicate detection window, in small batches, so that no statement holds many locks.</summary>
sealed class InboxCleanupService<TDb>(IServiceScopeFactory scopes, OutboxOptions<TDb> options, OutboxMetrics<TDb> metrics, TimeProvider time, ILogger<InboxCleanupService<TDb>> logger) : BackgroundService
    where TDb : DbContext
{
    const int BatchSize = 1000;

    static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.DuplicateDetectionWindow / 4 < LongestInterval ? options.DuplicateDetectionWindow / 4 : LongestInterval;
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                while (await DeleteBatchAsync(stoppingToken).ConfigureAwait(false) == BatchSize)
                    await Task.Yield();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "Old inbox rows of {DbContext} could not be removed; trying again in {Interval}", typeof(TDb).Name, interval);
            }
        }
    }

    async Task<int> DeleteBatchAsync(CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var db = scope.ServiceProvider.GetRequiredService<TDb>();
            var removed = await db.Database.ExecuteSqlRawAsync(OutboxTables.Of(db).DeleteOldInbox, [options.DuplicateDetectionWindow, BatchSize], cancellationToken).ConfigureAwait(false);
            metrics.Removed(removed);
            return removed;
        }
    }
}
