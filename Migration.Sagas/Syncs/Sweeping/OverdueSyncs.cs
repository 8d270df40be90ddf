using MassTransit;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Runs.Sweeping;

namespace Migration.Sagas.Syncs.Sweeping;

/// <summary>Syncs whose time has passed are poked (protocol S12). A doubled poke finds another step number; one that is lost comes again at the next look.</summary>
sealed class OverdueSyncs(LedgerDatabase database, IBus bus, IOptions<SyncOptions> options, TimeProvider time) : ISweep
{
    // Moved on a little, so that another process does not poke the same syncs at the same time, nor the next sweep before the poke is
    // heard; by no more than a lease has left when it has run out, which is how the saga tells one that was renewed since.
    const string Take =
        """
        with due as (
          select correlation_id from migration.syncs where due_at < clock_timestamp() and (step_token is null or $2)
          order by due_at limit 500 for no key update skip locked
        )
        update migration.syncs s set due_at = clock_timestamp() + $1 from due d where s.correlation_id = d.correlation_id
        returning s.correlation_id, s.step_no, s.step_token
        """;

    long? _sweptAt;
    long? _backAt;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var due = await database.QueryAsync(Take, x => new SyncOverdue(x.GetGuid(0), x.GetInt32(1), x.IsDBNull(2) ? null : x.GetGuid(2)), cancellationToken,
            options.Value.LeaseReserve, MayTakeOver());
        _sweptAt = time.GetTimestamp();
        if (due.Count == 0)
            return;
        var syncs = await bus.GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
        await Task.WhenAll(due.Select(x => syncs.Send(x, cancellationToken)));
    }

    // While the database was away nobody could renew a lease, nor hear what a step has reported: whoever has begun gets the time for it.
    bool MayTakeOver()
    {
        if (_sweptAt is { } swept && time.GetElapsedTime(swept) > options.Value.RenewEvery)
            _backAt = time.GetTimestamp();
        return _backAt is not { } back || time.GetElapsedTime(back) > options.Value.RenewEvery;
    }
}
