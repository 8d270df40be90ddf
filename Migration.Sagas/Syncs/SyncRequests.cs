using MassTransit;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs;

namespace Migration.Sagas.Syncs;

/// <summary>Syncs that an operator asks for: repairs, compensations, retries.</summary>
public sealed class SyncRequests(IBus bus, SyncQueries queries, IOptions<SyncOptions> options)
{
    /// <summary>Begins a sync and waits, within bounds, for its end.</summary>
    /// <param name="who">User name of the token, else its client id.</param>
    /// <param name="targetId">The record of ours to remove, for a compensation.</param>
    /// <returns>The sync; null when it has not been taken up in time. It may still be going on.</returns>
    public async Task<SyncSummary?> RunAsync(string domain, SyncChange change, string who, CancellationToken cancellationToken, string? targetId = null)
    {
        var id = NewId.NextGuid();
        await SendAsync(new SyncRequested(id, domain, change, TargetId: targetId, RequestedBy: who), cancellationToken);
        return await WaitAsync(id, x => x.HasEnded, cancellationToken);
    }

    /// <summary>Lets a failed sync, or one that waits for a decision, begin again.</summary>
    public Task RetryAsync(Guid id, string who, CancellationToken cancellationToken) => SendAsync(new RetrySync(id, who), cancellationToken);

    async Task SendAsync<T>(T message, CancellationToken cancellationToken) where T : class
    {
        var syncs = await bus.GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
        await syncs.Send(message, cancellationToken);
    }

    async Task<SyncSummary?> WaitAsync(Guid id, Func<SyncSummary, bool> isAsExpected, CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        for (var pause = 10; ; pause = Math.Min(pause * 2, 250))
        {
            var sync = await queries.FindAsync(id, cancellationToken);
            if ((sync is not null && isAsExpected(sync)) || TimeProvider.System.GetElapsedTime(startedAt) > options.Value.RepairWait)
                return sync;
            await Task.Delay(pause, cancellationToken);
        }
    }
}
