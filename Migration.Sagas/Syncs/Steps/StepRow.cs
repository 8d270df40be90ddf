using Migration.Contracts.Syncs;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>A sync's row as a step reads it.</summary>
sealed record StepRow(Guid SyncId, string Domain, SyncChange Change, string State, int StepNo, int Attempts, string? TargetId, bool IsCreationProved, DateTimeOffset? EndedAt, DateTimeOffset Now)
{
    public string Record => $"{Domain}/{Change.Entity}/{Change.Key}";

    /// <summary>Where its step is asked for.</summary>
    public string Queue => State == SyncState.Pushing ? SyncQueues.Pushes(Domain) : SyncQueues.Mappings(Domain);

    /// <summary>Its dead letter has been where it belongs: what comes now was sent back by a person.</summary>
    public bool IsSettledFailure => State == SyncState.Failed && EndedAt is { } ended && Now - ended > TimeSpan.FromMinutes(1);
}
