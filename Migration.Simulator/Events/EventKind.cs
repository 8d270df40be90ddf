namespace Migration.Simulator.Events;

/// <summary>What may happen in NOMIS on a day.</summary>
public enum EventKind
{
    /// <summary>An upcoming visit is cancelled.</summary>
    VisitCancelled,

    SentenceAdjustmentCreated,
    SentenceAdjustmentUpdated,
    SentenceAdjustmentDeleted,
    KeyDateAdjustmentCreated,
    KeyDateAdjustmentUpdated,
    KeyDateAdjustmentDeleted,

    /// <summary>Two records of one prisoner become one. Adjustments may appear on a booking of which no event of their own tells.</summary>
    PrisonersMerged,

    /// <summary>A booking goes to another prisoner. No event of it reaches a queue of ours: DPS mends its records by itself.</summary>
    BookingMoved,

    /// <summary>A booking gets another number, and nothing else changes.</summary>
    BookingNumberChanged,

    /// <summary>A finance transaction, of prisoners or of the prison alone, is entered row by row.</summary>
    TransactionCreated,

    /// <summary>A finance transaction is corrected.</summary>
    TransactionUpdated,
}
