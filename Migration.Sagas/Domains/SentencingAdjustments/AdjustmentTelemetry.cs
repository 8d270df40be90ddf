using System.Globalization;
using Migration.Contracts.Syncs;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>Telemetry of adjustments (spec: sentencing-adjustments 10). Names and properties are contract; values are the event's, not NOMIS's.</summary>
public sealed class AdjustmentTelemetry : ISyncTelemetry
{
    public const string OffenderNo = "offenderNo";
    public const string BookingId = "bookingId";
    public const string SentenceSequence = "sentenceSequence";

    TelemetryEvent? ISyncTelemetry.Skipped(SyncChange change) =>
        Of(change, AdjustmentKey.Parse(change.Key).IsSentence ? "hidden-or-deleted-synchronisation-skipped" : "deleted-synchronisation-skipped");

    TelemetryEvent ISyncTelemetry.Created(SyncChange change, string targetId, bool isMappingDelayed) =>
        Of(change, "created-synchronisation-success", targetId, isMappingDelayed ? "initial-failure" : null);

    TelemetryEvent ISyncTelemetry.Updated(SyncChange change, string targetId) => Of(change, "updated-synchronisation-success", targetId);

    TelemetryEvent ISyncTelemetry.MappingCreated(SyncChange change, string targetId) =>
        TelemetryEvent.Of("adjustment-mapping-created-synchronisation-success", [.. Base(change), ("adjustmentId", targetId)]);

    TelemetryEvent ISyncTelemetry.Duplicate(SyncChange change, string targetId, Mapped existing) => Duplicate(AdjustmentKey.Parse(change.Key), targetId, existing);

    TelemetryEvent? ISyncTelemetry.Deleted(SyncChange change, string targetId) => Of(change, "delete-synchronisation-success", targetId);

    TelemetryEvent? ISyncTelemetry.DeleteIgnored(SyncChange change) => Of(change, "delete-synchronisation-ignored");

    /// <summary>The change was made by DPS itself.</summary>
    public static TelemetryEvent MadeByDps(SyncChange change) => Of(change, "synchronisation-skipped");

    public static TelemetryEvent Merged(string bookingId, int sentences, int keyDates, int sentencesCreated, int keyDatesCreated) => TelemetryEvent.Of(
        "from-nomis-synch-adjustment-merge", ("bookingId", bookingId), ("sentenceAdjustments", Text(sentences)), ("keyDateAdjustments", Text(keyDates)),
        ("sentenceAdjustmentsCreated", Text(sentencesCreated)), ("keyDateAdjustmentsCreated", Text(keyDatesCreated)));

    public static TelemetryEvent MergeRepaired(string bookingId) => TelemetryEvent.Of("from-nomis-synch-adjustment-merge-repair", ("bookingId", bookingId));

    public static TelemetryEvent UpdateRepaired(string bookingId) => TelemetryEvent.Of("from-nomis-synch-adjustment-update-repair", ("bookingId", bookingId));

    public static TelemetryEvent Migrated(AdjustmentKey key, string runId, string targetId) => TelemetryEvent.Of("sentencing-adjustments-migration-entity-migrated",
        ("nomisAdjustmentId", key.IdText), ("nomisAdjustmentCategory", key.CategoryName), ("adjustmentId", targetId), ("migrationId", runId));

    public static TelemetryEvent MigrationDuplicate(MappingWork work, Mapped existing, long durationMinutes)
    {
        var duplicate = Duplicate(AdjustmentKey.Parse(work.Key), work.TargetId, existing);
        return new("nomis-migration-adjustment-duplicate", [new("migrationId", work.RunId), .. duplicate.Properties, new("durationMinutes", durationMinutes.ToString(CultureInfo.InvariantCulture))]);
    }

    static TelemetryEvent Duplicate(AdjustmentKey key, string targetId, Mapped existing)
    {
        var other = AdjustmentKey.Parse(existing.Key);
        return TelemetryEvent.Of("from-nomis-synch-adjustment-duplicate",
            ("duplicateAdjustmentId", targetId), ("duplicateNomisAdjustmentId", key.IdText), ("duplicateNomisAdjustmentCategory", key.CategoryName),
            ("existingAdjustmentId", existing.TargetId), ("existingNomisAdjustmentId", other.IdText), ("existingNomisAdjustmentCategory", other.CategoryName));
    }

    static TelemetryEvent Of(SyncChange change, string what, string? targetId = null, string? mapping = null)
    {
        var prefix = AdjustmentKey.Parse(change.Key).IsSentence ? "sentence-adjustment-" : "key-date-adjustment-";
        return TelemetryEvent.Of(prefix + what, [.. Base(change), ("adjustmentId", targetId), ("mapping", mapping)]);
    }

    static (string, string?)[] Base(SyncChange change)
    {
        var key = AdjustmentKey.Parse(change.Key);
        return
        [
            ("offenderNo", change.Property(OffenderNo)), ("bookingId", change.Property(BookingId)), ("sentenceSequence", change.Property(SentenceSequence)),
            ("nomisAdjustmentId", key.IdText), ("adjustmentCategory", key.CategoryName),
        ];
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
