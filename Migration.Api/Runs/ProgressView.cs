using Migration.Contracts;
using Migration.Contracts.Runs;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs;

namespace Migration.Api.Runs;

/// <summary>Where a migration stands. Counts are exact in every snapshot and add up to <paramref name="Found"/>.</summary>
/// <param name="State">The engine's own state, finer than <paramref name="Status"/>.</param>
/// <param name="FailureReason">Why the migration could not begin; null otherwise.</param>
/// <param name="Found">Records found so far.</param>
/// <param name="Counts">Records by state.</param>
/// <param name="Reasons">Records that failed, were rejected or were mapped by another, by cause.</param>
/// <param name="PossibleDuplicates">Records pushed again after a create whose end is unknown.</param>
/// <param name="RecordsPerSecond">Ended records a second since it was started, or resumed.</param>
/// <param name="SecondsLeft">At that rate; null when it cannot be told, as for records that were reopened after the end.</param>
/// <param name="LimitedBy">What keeps it from going faster, as the process that answers sees it: nothing, own limit, upstream health or paused.</param>
public sealed record ProgressView(
    string MigrationId, MigrationType MigrationType, MigrationStatus Status, string State, string? FailureReason, DateTime WhenStarted, DateTime? WhenEnded,
    long? EstimatedRecordCount, long Found, IReadOnlyDictionary<string, long> Counts, PageCounts Pages, IReadOnlyList<FailureCount> Reasons,
    long PossibleDuplicates, double RecordsPerSecond, double? SecondsLeft, string LimitedBy)
{
    public static ProgressView Of(RunSummary run, PageCounts pages, IReadOnlyList<FailureCount> reasons, long possibleDuplicates, LimitedBy limitedBy)
    {
        var ended = run.Found - run.Open;
        var seconds = ((run.EndedAt ?? run.ReadAt) - run.AtWorkSince).TotalSeconds;
        var rate = seconds > 0 ? Math.Round((ended - run.EndedBefore) / seconds, 1) : 0;
        var expected = Math.Max(run.Found, run.EstimatedCount ?? 0);
        double? left = run.EndedAt is not null ? run.Open == 0 ? 0 : null : rate > 0 ? Math.Round((expected - ended) / rate, 1) : null;
        return new ProgressView(run.RunId, run.Type, HistoryView.StatusOf(run.State), run.State, run.FailureReason, HistoryView.ToSecond(run.StartedAt),
            run.EndedAt is { } end ? HistoryView.ToSecond(end) : null, run.EstimatedCount, run.Found,
            RecordState.All.ToDictionary(x => x, run.Count, StringComparer.Ordinal), pages, reasons, possibleDuplicates, rate, left, Words(limitedBy));
    }

    static string Words(LimitedBy limitedBy) => limitedBy switch
    {
        Sagas.Limits.LimitedBy.OwnLimit => "own limit",
        Sagas.Limits.LimitedBy.UpstreamHealth => "upstream health",
        Sagas.Limits.LimitedBy.Paused => "paused",
        _ => "nothing",
    };
}

/// <summary>A page of records that did not end as migrated, by id.</summary>
public sealed record FailuresView(int Page, int Size, IReadOnlyList<FailedRecord> Records);

/// <summary>How many failed records are tried again.</summary>
public sealed record ReplayedView(long Replayed);
