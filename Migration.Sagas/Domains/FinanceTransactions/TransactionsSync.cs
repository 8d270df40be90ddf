using System.Globalization;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.PrisonerFinance;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Intake;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains.FinanceTransactions;

/// <summary>Finance transactions: after a grace, one push for all events of a transaction, with all its rows.</summary>
public sealed class TransactionsSync(TransactionSyncEntity entity, TransactionOptions options) : ISyncDomain
{
    readonly FlatSync<List<OffenderTransaction>, SyncTransaction> _flat = new(entity);

    public string Name => "transactions";
    public string SwitchName => "transactions";
    public IReadOnlyList<string> EventQueues { get; } = ["eventfinance"];
    public IReadOnlyList<string> Calls { get; } = [Upstreams.Nomis, Upstreams.Mapping, Upstreams.Finance];

    public EventReading Read(IncomingEvent incoming) => TransactionEvents.Read(incoming, options.Grace);

    // Never asked for: a post of unknown end leaves no doubt, it is posted again.
    public SyncChange LookAt(string entity, string key) => TransactionEvents.Of(long.Parse(key, CultureInfo.InvariantCulture), SyncMode.Look, SyncAction.Look,
        TransactionTelemetry.RepairLabel, offenderNo: null, bookingId: null);

    public async Task<PushOutcome> PushAsync(SyncWork work, CancellationToken cancellationToken)
    {
        var outcome = await _flat.PushAsync(work, cancellationToken);
        return work.Change.Action == SyncAction.Repair && outcome.Kind is PushKind.Done or PushKind.Created or PushKind.Ignored
            ? outcome with { Events = [.. outcome.Events, TransactionTelemetry.Repaired(work.Key)] }
            : outcome;
    }

    public Task<MappingOutcome> WriteMappingAsync(SyncWork work, string targetId, CancellationToken cancellationToken) =>
        _flat.WriteMappingAsync(work, targetId, cancellationToken);

    public Task<CompensationOutcome> CompensateAsync(SyncWork work, string targetId, CancellationToken cancellationToken) =>
        Task.FromResult(CompensationOutcome.Refused("a transaction of DPS is never one too many: its rows are posted once"));
}
