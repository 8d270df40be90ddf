using Migration.Contracts.Runs;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>How one attempt at a record ended. A step returns it; the ledger decides whether it counts.</summary>
public sealed record RecordOutcome
{
    /// <summary>The row's next state (<see cref="RecordState"/>).</summary>
    public required string State { get; init; }

    /// <summary>The record in DPS that now stands for this one.</summary>
    public string? TargetId { get; init; }

    /// <summary>A DPS record that was mapped before us.</summary>
    public string? ExistingId { get; init; }

    /// <summary>A DPS record that this attempt created, whatever became of it. Kept as a stray when the outcome comes too late.</summary>
    public string? CreatedId { get; init; }

    /// <summary>This attempt wrote a mapping for <see cref="CreatedId"/>.</summary>
    public bool MappedByThisAttempt { get; init; }

    /// <summary>A DPS record that this attempt created and that no mapping names.</summary>
    public string? StrayId { get; init; }

    /// <summary>A created DPS record whose mapping this row gives up: whoever comes next maps it and creates nothing.</summary>
    public string? UnmappedId { get; init; }

    /// <summary>A changing call was made and its end is unknown.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The record was pushed again although an earlier create may have landed.</summary>
    public bool IsPossibleDuplicate { get; init; }

    /// <summary>The attempt says nothing about the record: it does not count, and its message is given up for another one later.</summary>
    public bool IsReleased { get; init; }

    /// <summary>Why, in a few words that group well; null for success.</summary>
    public string? Reason { get; init => field = value.Storable(); }

    /// <summary>The last error with ids, without personal data.</summary>
    public string? Error { get; init => field = value.Storable(); }

    /// <summary>Failures with one cause share it.</summary>
    public string? Fingerprint { get; init => field = value.Storable(); }

    /// <summary>Sent once the outcome is accepted and committed: never doubled, missing after a kill.</summary>
    public IReadOnlyList<TelemetryEvent> Events { get; init; } = [];

    /// <summary>The attempt failed and the message should come back at the queue's back-off.</summary>
    public bool IsRetry => State == RecordState.Pending;


    /// <summary>The claim was gone before the call could be made: nothing happened and nothing is written.</summary>
    public static readonly RecordOutcome Lost = new() { State = "" };

    /// <summary>The process stops, or another holds a lane that is needed as well; nothing was called yet.</summary>
    public static readonly RecordOutcome Released = new() { State = RecordState.Pending, IsReleased = true };

    public static RecordOutcome AlreadyMapped(string existingId) => new() { State = RecordState.AlreadyMapped, ExistingId = existingId };

    public static RecordOutcome Migrated(string targetId) =>
        new() { State = RecordState.Migrated, TargetId = targetId, CreatedId = targetId, MappedByThisAttempt = true };

    public static RecordOutcome MappingPending(string targetId, Failure failure) =>
        new() { State = RecordState.MappingPending, TargetId = targetId, CreatedId = targetId, Error = failure.Detail };

    /// <summary>Created, and its mapping is refused for good.</summary>
    public static RecordOutcome MappingRefused(string targetId, Failure failure) =>
        Failed(failure) with { TargetId = targetId, CreatedId = targetId, UnmappedId = targetId };

    public static RecordOutcome Rejected(Failure failure) => Ended(RecordState.Rejected, failure);

    /// <summary>May succeed later. <paramref name="unknown"/>: a changing call was made and its end is not known.</summary>
    public static RecordOutcome Retry(Failure failure, bool unknown = false) => Ended(RecordState.Pending, failure) with { IsUnknown = unknown };

    /// <summary>Cannot succeed on retry.</summary>
    public static RecordOutcome Failed(Failure failure) => Ended(RecordState.Failed, failure);

    static RecordOutcome Ended(string state, Failure failure) =>
        new() { State = state, Reason = failure.Reason, Error = failure.Detail, Fingerprint = failure.Fingerprint };
}
