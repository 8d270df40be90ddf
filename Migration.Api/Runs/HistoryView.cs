using System.Text.Json.Serialization;
using Migration.Contracts;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs;

namespace Migration.Api.Runs;

/// <summary>A migration as the history shows it (spec: engine 3.3). Times are local to England, without zone.</summary>
/// <param name="Id">The same as <paramref name="MigrationId"/>.</param>
/// <param name="WhenEnded">Null while it runs.</param>
/// <param name="RecordsMigrated">Created and mapped by this migration; exact.</param>
/// <param name="RecordsFailed">Given up with a reason; exact.</param>
/// <param name="Filter">The start request's filter as JSON text.</param>
public sealed record HistoryView(
    string MigrationId, DateTime WhenStarted, DateTime? WhenEnded, long EstimatedRecordCount, long RecordsMigrated, long RecordsFailed,
    string Filter, MigrationType MigrationType, MigrationStatus Status, string Id)
{
    public static HistoryView Of(RunSummary run) => new(
        run.RunId, ToSecond(run.StartedAt), run.EndedAt is { } ended ? ToSecond(ended) : null, run.EstimatedCount ?? 0,
        run.Count(RecordState.Migrated), run.Count(RecordState.Failed), run.Filter, run.Type, StatusOf(run.State), run.RunId);

    internal static MigrationStatus StatusOf(string state) => state switch
    {
        RunState.Completed => MigrationStatus.COMPLETED,
        RunState.Cancelling => MigrationStatus.CANCELLED_REQUESTED,
        RunState.Cancelled => MigrationStatus.CANCELLED,
        RunState.Failed => MigrationStatus.FAILED,
        _ => MigrationStatus.STARTED,
    };

    internal static DateTime ToSecond(DateTimeOffset instant)
    {
        var local = LocalTime.From(instant);
        return DateTime.SpecifyKind(local.AddTicks(-(local.Ticks % TimeSpan.TicksPerSecond)), DateTimeKind.Unspecified);
    }
}

/// <summary>Status by its wire name. FAILED is this service's own: the count could not be had and nothing was begun.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MigrationStatus>))]
public enum MigrationStatus
{
    STARTED,
    COMPLETED,
    CANCELLED_REQUESTED,
    CANCELLED,
    FAILED,
}
