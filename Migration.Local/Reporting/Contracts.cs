using System.Text.Json;

namespace Migration.Local.Reporting;

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

sealed record ListedPage(IReadOnlyList<ListedRecord> Records);

sealed record ListedRecord(string Key, string State, bool PossibleDuplicate);

/// <summary>The estate's own account: NOMIS against DPS against mappings.</summary>
sealed record EstateReconciliation(long Source, long Dps, long Mapped, EstateDuplicates Duplicates, IReadOnlyList<long> Missing);

/// <summary>NOMIS ids with more than one DPS record.</summary>
sealed record EstateDuplicates(long Count, IReadOnlyList<long> Ids);

/// <summary>Requests so far at the SQS endpoint and at the estate.</summary>
sealed record Traffic(long Sqs, long Http)
{
    public static Traffic operator -(Traffic after, Traffic before) => new(after.Sqs - before.Sqs, after.Http - before.Http);

    public static Traffic Read(JsonElement sqs, JsonElement estate) => new(sqs.GetProperty("total").GetInt64(), estate.GetProperty("total").GetInt64());
}
