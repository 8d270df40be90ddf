using MassTransit;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Runs.Sweeping;

namespace Migration.Sagas.Syncs.Sweeping;

/// <summary>Lanes that were handed over to a sync which still waits: the word was lost, or its sender died (protocol section 7). A doubled grant is ignored by its epoch.</summary>
sealed class UnheardGrants(LedgerDatabase database, IBus bus, IOptions<SyncOptions> options) : ISweep
{
    const string Find =
        """
        select l.holder, l.lane, l.epoch from migration.lanes l join migration.syncs s on s.correlation_id = l.holder
        where l.kind = 'sync' and s.state = 'Queued' and l.lane = s.lanes[s.lanes_held + 1] and l.granted_at < clock_timestamp() - $1
        order by l.granted_at limit 500
        """;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var unheard = await database.QueryAsync(Find, x => new LaneGranted(x.GetGuid(0), x.GetString(1), x.GetInt64(2)), cancellationToken, options.Value.GrantHeardWithin);
        if (unheard.Count == 0)
            return;
        var syncs = await bus.GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
        await Task.WhenAll(unheard.Select(x => syncs.Send(x, cancellationToken)));
    }
}
