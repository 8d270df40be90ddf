using Migration.Contracts.Syncs;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>How one attempt at a push ended. The step reports it; the saga decides what comes next.</summary>
public sealed record PushOutcome
{
    /// <summary>See <see cref="PushKind"/>; empty for an attempt that is to be repeated, or that was taken over.</summary>
    public string Kind { get; private init; } = "";

    public string? TargetId { get; init; }

    /// <summary>The answer of this attempt proves that it created <see cref="TargetId"/>.</summary>
    public bool IsProved { get; init; }

    /// <summary>Pushed again although an earlier create may have landed.</summary>
    public bool IsPossibleDuplicate { get; init; }

    /// <summary>A changing call was made and its end is unknown.</summary>
    public bool IsUnknown { get; private init; }

    public Failure? Failure { get; private init; }

    /// <summary>Why there was nothing to do, or why a person must decide.</summary>
    public string? Reason { get; private init; }

    /// <summary>Name of the parent that has no mapping: domain/entity/key.</summary>
    public string? Parent { get; private init; }

    public IReadOnlyList<SyncChange> Records { get; private init; } = [];

    /// <summary>Told when the outcome is accepted.</summary>
    public IReadOnlyList<TelemetryEvent> Events { get; init; } = [];

    /// <summary>Told for each failed attempt, whatever comes next.</summary>
    public TelemetryEvent? FailedEvent { get; init; }

    public bool IsRetry => Kind.Length == 0 && Failure is not null;

    /// <summary>Another delivery has taken over before anything was called: nothing happened and nothing is reported.</summary>
    public static readonly PushOutcome Lost = new();

    public static PushOutcome Done(params TelemetryEvent[] events) => new() { Kind = PushKind.Done, Events = events };

    public static PushOutcome Ignored(string reason, params TelemetryEvent[] events) => new() { Kind = PushKind.Ignored, Reason = reason, Events = events };

    /// <summary>A record of DPS stands for it, and is to be mapped. What is told of it depends on the mapping.</summary>
    public static PushOutcome Created(string targetId, bool isProved) => new() { Kind = PushKind.Created, TargetId = targetId, IsProved = isProved };

    /// <summary>Each of these records is synchronised by itself; the events are told when all have ended well.</summary>
    public static PushOutcome Several(IReadOnlyList<SyncChange> records, params TelemetryEvent[] events) => new() { Kind = PushKind.Several, Records = records, Events = events };

    public static PushOutcome ParentMissing(string parent) => new() { Kind = PushKind.ParentMissing, Parent = parent };

    public static PushOutcome Undecided(string reason) => new() { Kind = PushKind.Undecided, Reason = reason };

    /// <summary>May succeed later. <paramref name="unknown"/>: a changing call was made and its end is not known.</summary>
    public static PushOutcome Retry(Failure failure, bool unknown = false) => new() { Failure = failure, IsUnknown = unknown };

    /// <summary>Cannot succeed on retry.</summary>
    public static PushOutcome Failed(Failure failure) => new() { Kind = PushKind.Failed, Failure = failure };
}
