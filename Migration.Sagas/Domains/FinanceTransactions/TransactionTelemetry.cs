using Migration.Contracts.Syncs;

namespace Migration.Sagas.Domains.FinanceTransactions;

/// <summary>Telemetry of transactions (spec: finance-transactions 8). Names and properties are contract.</summary>
public sealed class TransactionTelemetry : ISyncTelemetry
{
    public const string Label = "label";
    public const string OffenderNo = "offenderNo";
    public const string BookingId = "bookingId";
    public const string RequestId = "requestId";

    /// <summary>The word of a repair, whose failures are told to its caller.</summary>
    public const string RepairLabel = "repair";

    TelemetryEvent? ISyncTelemetry.Skipped(SyncChange change) => Of(change, $"transactions-synchronisation-gl-{change.Property(Label)}-ignored");

    TelemetryEvent? ISyncTelemetry.Unmapped(SyncChange change) =>
        change.Property(Label) == "updated" ? Of(change, "transactions-synchronisation-updated-missing-mapping") : null;

    TelemetryEvent ISyncTelemetry.Created(SyncChange change, string targetId, bool isMappingDelayed) => Of(change,
        $"transactions-synchronisation-{change.Property(Label)}-success", ("dpsTransactionId", targetId), ("mapping", isMappingDelayed ? "initial-failure" : null));

    TelemetryEvent ISyncTelemetry.Updated(SyncChange change, string targetId) =>
        Of(change, $"transactions-synchronisation-{change.Property(Label)}-success-additional", ("dpsTransactionId", targetId));

    TelemetryEvent ISyncTelemetry.MappingCreated(SyncChange change, string targetId) =>
        Of(change, "transactions-mapping-created-synchronisation-success", ("dpsTransactionId", targetId));

    TelemetryEvent ISyncTelemetry.Duplicate(SyncChange change, string targetId, Mapped existing) => TelemetryEvent.Of("transaction-from-nomis-synch-duplicate",
        ("duplicateDpsTransactionId", targetId), ("duplicateNomisTransactionId", change.Key), ("existingDpsTransactionId", existing.TargetId),
        ("existingNomisTransactionId", existing.Key));

    TelemetryEvent? ISyncTelemetry.Failed(SyncChange change, string error) => change.Property(Label) is { } label and not RepairLabel
        ? Of(change, $"transactions-synchronisation-{label}-failed", ("error", error))
        : null;

    /// <summary>The change was made by DPS itself.</summary>
    /// <param name="glSequence">Of a general-ledger row; null for a prisoner's row.</param>
    public static TelemetryEvent MadeByDps(SyncChange change, string? glSequence) =>
        Of(change, $"transactions-synchronisation-{change.Property(Label)}-skipped", ("glSequence", glSequence));

    public static TelemetryEvent Repaired(string transactionId) => TelemetryEvent.Of("transaction-resynchronisation-repair", ("transactionId", transactionId));

    static TelemetryEvent Of(SyncChange change, string name, params ReadOnlySpan<(string, string?)> more) => TelemetryEvent.Of(name,
        [("nomisTransactionId", change.Key), ("bookingId", change.Property(BookingId) ?? "null"), (OffenderNo, change.Property(OffenderNo)), .. more]);
}
