using Migration.Clients;
using Migration.Clients.SentencingAdjustments;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Intake;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>Changes of sentencing adjustments: five events, the resynchronisation that court sentencing asks for, and both repairs.</summary>
public sealed class AdjustmentsSync(AdjustmentSyncEntity entity, BookingAdjustments bookings) : ISyncDomain
{
    readonly FlatSync<NomisAdjustment, LegacyAdjustment> _flat = new(entity);

    public string Name => AdjustmentsDomain.DomainName;
    public string SwitchName => "sentencing";
    public IReadOnlyList<string> EventQueues { get; } = ["eventsentencing"];
    public IReadOnlyList<string> SharedEventQueues { get; } = ["eventcourtsentencing"];
    public IReadOnlyList<string> Calls { get; } = [Upstreams.Nomis, Upstreams.Mapping, Upstreams.Sentencing];

    public EventReading Read(IncomingEvent incoming) => AdjustmentEvents.Read(incoming);

    public SyncChange LookAt(string entity, string key) =>
        AdjustmentEvents.Of(AdjustmentKey.Parse(key), SyncMode.Look, SyncAction.Look, offenderNo: null, bookingId: null, sentenceSequence: null);

    public Task<PushOutcome> PushAsync(SyncWork work, CancellationToken cancellationToken) => work.Change.Entity == AdjustmentEvents.Booking
        ? bookings.PushAsync(work, cancellationToken)
        : _flat.PushAsync(work, cancellationToken);

    public Task<MappingOutcome> WriteMappingAsync(SyncWork work, string targetId, CancellationToken cancellationToken) =>
        _flat.WriteMappingAsync(work, targetId, cancellationToken);

    public Task<CompensationOutcome> CompensateAsync(SyncWork work, string targetId, CancellationToken cancellationToken) =>
        _flat.CompensateAsync(work, targetId, cancellationToken);
}
