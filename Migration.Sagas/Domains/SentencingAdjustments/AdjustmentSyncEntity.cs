using Migration.Clients;
using Migration.Clients.SentencingAdjustments;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>One changed adjustment: where it is read, mapped, created, updated and removed (spec: sentencing-adjustments 7.1 to 7.4).</summary>
public sealed class AdjustmentSyncEntity(AdjustmentCalls calls) : IFlatSyncEntity<NomisAdjustment, LegacyAdjustment>
{
    public ISyncTelemetry Telemetry { get; } = new AdjustmentTelemetry();

    public Task<Answer<NomisAdjustment>> ReadAsync(SyncChange change, CancellationToken cancellationToken) => calls.ReadAsync(Key(change), cancellationToken);

    public string? SkipReason(NomisAdjustment source) => source.IsHidden ? "hidden from users" : null;

    public Task<Answer<Mapped>> FindMappingAsync(SyncChange change, CancellationToken cancellationToken) => calls.FindMappingAsync(Key(change), cancellationToken);

    public Task<Answer<Mapped>> FindMappingByTargetAsync(string targetId, CancellationToken cancellationToken) => calls.FindMappingAsync(targetId, cancellationToken);

    public LegacyAdjustment Translate(SyncWork work, NomisAdjustment source) => AdjustmentTranslation.Translate(source);

    public Task<Answer<string>> CreateAsync(LegacyAdjustment target, CancellationToken cancellationToken) => calls.CreateAsync(target, cancellationToken);

    public Task<Answer<string>> UpdateAsync(string targetId, LegacyAdjustment target, CancellationToken cancellationToken) =>
        calls.UpdateAsync(targetId, target, cancellationToken);

    public Task<Answer<NoBody>> DeleteAsync(string targetId, CancellationToken cancellationToken) => calls.DeleteAsync(targetId, cancellationToken);

    public Task<Answer<NoBody>> FindTargetAsync(string targetId, CancellationToken cancellationToken) => calls.FindAsync(targetId, cancellationToken);

    public Task<Answer<NoBody>> WriteMappingAsync(SyncChange change, string targetId, CancellationToken cancellationToken) =>
        calls.WriteMappingAsync(Key(change), targetId, label: null, cancellationToken);

    public Task<Answer<NoBody>> DeleteMappingAsync(string targetId, CancellationToken cancellationToken) => calls.DeleteMappingAsync(targetId, cancellationToken);

    public Mapped? ReadDuplicate(string? errorBody) => AdjustmentCalls.ReadDuplicate(errorBody);

    static AdjustmentKey Key(SyncChange change) => AdjustmentKey.Parse(change.Key);
}
