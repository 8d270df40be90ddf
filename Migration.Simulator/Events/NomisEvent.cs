using Migration.Simulator.Nomis;

namespace Migration.Simulator.Events;

/// <summary>The queue of a domain that events come in at.</summary>
public enum EventQueue
{
    Visits,
    Sentencing,
    Finance,
}

/// <summary>What an event is about, so that it can be told later which records a consumer heard of.</summary>
/// <param name="Adjustment">Set for an adjustment.</param>
/// <param name="BookingId">Set for an event about all adjustments of a booking.</param>
public sealed record EventSubject(AdjustmentKey? Adjustment = null, long? BookingId = null, long? TransactionId = null, long? VisitId = null);

/// <summary>One event, before it is wrapped for its queue.</summary>
/// <param name="Fields">Names and values of the payload, in order: numbers are <see cref="long"/>, all else is text. Null values are left out.</param>
/// <param name="IsFromDps">Whether the change came from DPS, so that nobody needs to do anything.</param>
public sealed record NomisEvent(EventQueue Queue, string Type, IReadOnlyList<(string Name, object? Value)> Fields, EventSubject Subject, bool IsFromDps = false);
