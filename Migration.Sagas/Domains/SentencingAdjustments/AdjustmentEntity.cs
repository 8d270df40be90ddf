using Migration.Clients;
using Migration.Clients.SentencingAdjustments;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>One adjustment in a bulk migration (spec: sentencing-adjustments 8.3).</summary>
public sealed class AdjustmentEntity(AdjustmentCalls calls, LocalTime localTime) : IFlatEntity<NomisAdjustment, LegacyAdjustment>
{
    public Task<Answer<Mapped>> FindMappingAsync(string key, CancellationToken cancellationToken) => calls.FindMappingAsync(AdjustmentKey.Parse(key), cancellationToken);

    public Task<Answer<NomisAdjustment>> ReadAsync(string key, CancellationToken cancellationToken) => calls.ReadAsync(AdjustmentKey.Parse(key), cancellationToken);

    public Task<Translation<LegacyAdjustment>> TranslateAsync(string runId, NomisAdjustment source, CancellationToken cancellationToken)
    {
        if (source.IsHidden)
            return Ended(RecordOutcome.Rejected(new Failure("translate", "-", "-", "hidden from users", $"{source.Key}: hidden from users")));
        try
        {
            return Task.FromResult<Translation<LegacyAdjustment>>(AdjustmentTranslation.Translate(source));
        }
        catch (UntranslatableException exception)
        {
            return Ended(RecordOutcome.Failed(new Failure("translate", "-", "-", exception.Message, $"{source.Key}: {exception.Message}")));
        }

        static Task<Translation<LegacyAdjustment>> Ended(RecordOutcome outcome) => Task.FromResult<Translation<LegacyAdjustment>>(outcome);
    }

    public Task<Answer<string>> CreateAsync(LegacyAdjustment target, CancellationToken cancellationToken) => calls.MigrateAsync(target, cancellationToken);

    // DPS does not know NOMIS ids.
    public Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task<Answer<NoBody>> WriteMappingAsync(string key, string targetId, string runId, CancellationToken cancellationToken) =>
        calls.WriteMappingAsync(AdjustmentKey.Parse(key), targetId, runId, cancellationToken);

    public Mapped? ReadDuplicate(string? errorBody) => AdjustmentCalls.ReadDuplicate(errorBody);

    public string? RejectionReason(Answer<string> refused) => null;

    public TelemetryEvent MigratedEvent(string runId, NomisAdjustment source, LegacyAdjustment target, string targetId) =>
        AdjustmentTelemetry.Migrated(source.Key, runId, targetId);

    // DPS has no rule of its own by which it would refuse one.
    public TelemetryEvent RejectedEvent(string runId, NomisAdjustment source, LegacyAdjustment target) =>
        throw new NotSupportedException("No refusal of an adjustment counts as a rejection.");

    public TelemetryEvent DuplicateEvent(MappingWork work, Mapped existing) =>
        AdjustmentTelemetry.MigrationDuplicate(work, existing, localTime.WholeMinutesSince(work.RunId));
}
