using Migration.Contracts.Telemetry;

namespace Migration.Contracts.Syncs;

/// <summary>Result of <see cref="PushChange"/>.</summary>
/// <param name="StepNo">Number of the step.</param>
/// <param name="Kind">See <see cref="PushKind"/>.</param>
public sealed record ChangePushed(Guid CorrelationId, int StepNo, string Kind)
{
    /// <summary>The mark of the delivery that changed the target; null when it changed nothing. A result with another mark than the sync's is late.</summary>
    public Guid? StepToken { get; init; }

    /// <summary>The record of DPS that stands for this one; of a removal, the one that was removed before it was ever mapped. Null where there is none.</summary>
    public string? TargetId { get; init; }

    /// <summary>The answer of this very push proves that it created <see cref="TargetId"/>.</summary>
    public bool IsProved { get; init; }

    /// <summary>Pushed again although an earlier create may have landed.</summary>
    public bool IsPossibleDuplicate { get; init; }

    /// <summary>What the push changed in DPS other than by creating: a late result may have restored older content. create, replace or set; null for nothing.</summary>
    public string? ChangedBy { get; init; }

    /// <summary>Why, in a few words that group well; null for success.</summary>
    public string? Reason { get; init; }

    /// <summary>The error with ids, without personal data.</summary>
    public string? Error { get; init; }

    /// <summary>Failures with one cause share it.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Name of the parent that is waited for: domain/entity/key.</summary>
    public string? Parent { get; init; }

    /// <summary>The single records of <see cref="PushKind.Several"/>.</summary>
    public IReadOnlyList<SyncChange> Records { get; init; } = [];

    /// <summary>Told once the result is accepted; for <see cref="PushKind.Several"/> once every record has ended.</summary>
    public IReadOnlyList<TelemetryEvent> Events { get; init; } = [];
}
