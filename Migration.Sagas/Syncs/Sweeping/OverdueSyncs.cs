using MassTransit;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Runs.Sweeping;

namespace Migration.Sagas.Syncs.Sweeping;

/// <summary>Syncs whose time has passed are poked (protocol S12). A doubled poke finds another step number; one that is lost comes again at the next look.</summary>
sealed class OverdueSyncs(LedgerDatabase database, IBus bus) : ISweep
{
    // Moved on a little, so that another process does not poke the same syncs at the same time, nor the next sweep before the poke is heard.
    const string Take =
        """
        with due as (
          select correlation_id from migration.syncs where due_at < clock_timestamp() order by due_at limit 500 for no key update skip locked
        )
        update migration.syncs s set due_at = clock_timestamp() + interval '15 seconds' from due d where s.correlation_id = d.correlation_id
        returning s.correlation_id, s.step_no, s.step_token
        """;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var due = await database.QueryAsync(Take, x => new SyncOverdue(x.GetGuid(0), x.GetInt32(1), x.IsDBNull(2) ? null : x.GetGuid(2)), cancellationToken);
        if (due.Count == 0)
            return;
        var syncs = await bus.GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
        await Task.WhenAll(due.Select(x => syncs.Send(x, cancellationToken)));
    }
}
