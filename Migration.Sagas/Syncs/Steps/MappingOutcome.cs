using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>How one attempt at a mapping ended: written, another one stands, or a failure.</summary>
public sealed record MappingOutcome
{
    /// <summary>The record of DPS that is mapped instead; null when ours is.</summary>
    public string? ExistingTargetId { get; private init; }

    /// <summary>The other mapping is of the same NOMIS record; false when our DPS record is alive for another.</summary>
    public bool IsSameRecord { get; private init; }

    public Failure? Failure { get; private init; }

    /// <summary>Whether the same call can succeed later.</summary>
    public bool MayPass { get; private init; }

    /// <summary>Told when the outcome is accepted.</summary>
    public IReadOnlyList<TelemetryEvent> Events { get; private init; } = [];

    public static MappingOutcome Written(params TelemetryEvent[] events) => new() { Events = events };

    public static MappingOutcome Duplicate(string existingTargetId, bool isSameRecord, params TelemetryEvent[] events) =>
        new() { ExistingTargetId = existingTargetId, IsSameRecord = isSameRecord, Events = events };

    /// <summary>The events tell of a first failure: the change is in DPS, its mapping comes later.</summary>
    public static MappingOutcome Failed(Failure failure, bool mayPass, params TelemetryEvent[] events) => new() { Failure = failure, MayPass = mayPass, Events = events };
}
