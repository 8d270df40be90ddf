using System.Text.Json;

namespace Migration.Local.Runs;

/// <summary>Answer to the start request.</summary>
sealed record StartedRun(string MigrationId, long EstimatedCount);

/// <summary>The service's account of a run.</summary>
sealed record RunProgress(
    string MigrationId, string State, string? FailureReason, long? EstimatedCount, long Found, IReadOnlyDictionary<string, long> Counts, IReadOnlyList<RunReason> Reasons,
    long PossibleDuplicates, double RecordsPerSecond, double? SecondsLeft)
{
    public bool HasEnded => State is "Completed" or "Cancelled" or "Failed";

    public long Count(string state) => Counts.GetValueOrDefault(state);

    public long Done => Found - Count("Pending") - Count("Claimed") - Count("MappingPending");
}

sealed record RunReason(string State, string Reason, long Count);

sealed record ListedRun(string MigrationId);

sealed record ListedPage(IReadOnlyList<ListedRecord> Records);

sealed record ListedRecord(string Id, string State, bool PossibleDuplicate);

/// <summary>The estate's own account: NOMIS against DPS against mappings.</summary>
/// <param name="Duplicates">NOMIS ids with more than one DPS record.</param>
/// <param name="Missing">NOMIS ids without a DPS record that is mapped.</param>
sealed record EstateReconciliation(long Source, long Dps, long Mapped, EstateIds Duplicates, EstateIds Missing);

/// <summary>A number of ids, and the first of them by name.</summary>
sealed record EstateIds(long Count, IReadOnlyList<long> First)
{
    /// <summary>How many of them are not among the known. One that is not named is known to nobody.</summary>
    public long NotAmong(IReadOnlySet<long> known) => First.Count(x => !known.Contains(x)) + Count - First.Count;
}

sealed record EstateRequests(string Upstream, long Count);

/// <summary>Requests so far at the SQS endpoint and at the estate.</summary>
sealed record Traffic(long Sqs, long Http)
{
    public static Traffic operator -(Traffic after, Traffic before) => new(after.Sqs - before.Sqs, after.Http - before.Http);

    public static Traffic Read(JsonElement sqs, IEnumerable<EstateRequests> estate) => new(sqs.GetProperty("total").GetInt64(), estate.Sum(x => x.Count));
}
