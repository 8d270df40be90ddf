using Migration.Contracts;
using Migration.Contracts.Runs;
using Migration.Sagas.Runs;

namespace Migration.Api.Runs;

/// <summary>The newest migration of a type (spec: engine 3.4); every field is null when the type never ran.</summary>
/// <param name="ToBeProcessedCount">Records that wait.</param>
/// <param name="BeingProcessedCount">Records in hand.</param>
public sealed record ActiveView(
    string? MigrationId = null, DateTime? WhenStarted = null, long? RecordsMigrated = null, long? ToBeProcessedCount = null, long? BeingProcessedCount = null,
    long? RecordsFailed = null, long? EstimatedRecordCount = null, MigrationType? MigrationType = null, MigrationStatus? Status = null)
{
    public static ActiveView Of(RunSummary? run) => run is null
        ? new ActiveView()
        : new ActiveView(run.RunId, HistoryView.ToSecond(run.StartedAt), run.Count(RecordState.Migrated), run.Count(RecordState.Pending),
            run.Count(RecordState.Claimed) + run.Count(RecordState.MappingPending), run.Count(RecordState.Failed), run.EstimatedCount ?? 0, run.Type,
            HistoryView.StatusOf(run.State));
}
