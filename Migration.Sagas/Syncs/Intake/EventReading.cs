using Migration.Contracts.Syncs;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>What a domain makes of an event.</summary>
public sealed record EventReading
{
    EventReading()
    {
    }

    /// <summary>The changes to carry; usually one.</summary>
    public IReadOnlyList<SyncChange> Changes { get; private init; } = [];

    /// <summary>The domain knows the event's type.</summary>
    public bool IsKnown { get; private init; } = true;

    /// <summary>To be kept until it can be taken in.</summary>
    public bool IsParked { get; private init; }

    /// <summary>Told at once, for events that end here.</summary>
    public IReadOnlyList<TelemetryEvent> Events { get; private init; } = [];

    /// <summary>A type that the domain does not handle.</summary>
    public static readonly EventReading Unknown = new() { IsKnown = false };

    /// <summary>Switched off, or of a domain that shares the queue and is not here yet: kept, not lost.</summary>
    public static readonly EventReading Parked = new() { IsParked = true };

    /// <summary>Known, and nothing to do: made by DPS itself, for one.</summary>
    public static EventReading Skipped(params TelemetryEvent[] events) => new() { Events = events };

    public static EventReading Of(params IReadOnlyList<SyncChange> changes) => new() { Changes = changes };

    public static implicit operator EventReading(SyncChange change) => Of([change]);
}
