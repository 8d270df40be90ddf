using MassTransit;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Notices;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;

namespace Migration.Sagas.Syncs;

/// <summary>Syncs that an operator asks for, and what else he decides: repairs, compensations, retries.</summary>
public sealed class SyncRequests(OperatorActions actions, SyncQueries queries, IOptions<SyncOptions> options)
{
    /// <summary>Begins a repair and waits, within bounds, for its end.</summary>
    /// <param name="who">User name of the token, else its client id.</param>
    /// <returns>The sync; null when it has not been taken up in time. It may still be going on.</returns>
    public async Task<SyncSummary?> RepairAsync(string domain, SyncChange change, string who, CancellationToken cancellationToken)
    {
        var id = NewId.NextGuid();
        await actions.CommitAsync(who, async (_, sender) =>
        {
            await SendAsync(sender, new SyncRequested(id, domain, change, RequestedBy: who), cancellationToken);
            return new Audited("REPAIR_REQUESTED", new { syncId = id, record = $"{domain}/{change.Entity}/{change.Key}" });
        }, cancellationToken);
        return await WaitAsync(id, x => x.HasEnded, cancellationToken);
    }

    /// <summary>Removes a stray, if that is safe, and waits, within bounds, for the end.</summary>
    /// <returns>As <see cref="RepairAsync"/>.</returns>
    public async Task<SyncSummary?> CompensateAsync(ISyncDomain domain, Stray stray, string who, CancellationToken cancellationToken)
    {
        var id = NewId.NextGuid();
        var parts = stray.Record.Split('/', 3);
        var change = domain.LookAt(parts[1], parts[2]) with { Mode = SyncMode.Compensate, Action = SyncAction.Compensate };
        await actions.CommitAsync(who, async (_, sender) =>
        {
            await SendAsync(sender, new SyncRequested(id, domain.Name, change, TargetId: stray.TargetId, RequestedBy: who), cancellationToken);
            return new Audited("COMPENSATION_REQUESTED", Details(stray));
        }, cancellationToken);
        return await WaitAsync(id, x => x.HasEnded, cancellationToken);
    }

    /// <summary>An operator has decided that the record stays. False when it was not open any more.</summary>
    public Task<bool> KeepAsync(Stray stray, string who, CancellationToken cancellationToken) => actions.CommitAsync(who, async (database, _) =>
        await database.ExecuteAsync($"update migration.strays set state = 'Kept' where id = {stray.Id} and state = 'Open'", cancellationToken) == 1
            ? new Audited("COMPENSATION_DISMISSED", Details(stray))
            : null, cancellationToken);

    /// <summary>Lets a failed sync, or one that waits for a decision, begin again.</summary>
    public Task RetryAsync(SyncSummary sync, string who, CancellationToken cancellationToken) => actions.CommitAsync(who, async (_, sender) =>
    {
        await SendAsync(sender, new RetrySync(sync.SyncId, who), cancellationToken);
        return new Audited("SYNC_RETRY_REQUESTED", new { syncId = sync.SyncId, record = $"{sync.Domain}/{sync.Entity}/{sync.Key}" });
    }, cancellationToken);

    static object Details(Stray stray) => new { id = stray.Id, record = stray.Record, targetId = stray.TargetId };

    static async Task SendAsync<T>(ISendEndpointProvider sender, T message, CancellationToken cancellationToken) where T : class
    {
        var syncs = await sender.GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
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
