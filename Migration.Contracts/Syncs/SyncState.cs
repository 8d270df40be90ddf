namespace Migration.Contracts.Syncs;

/// <summary>States of a sync, stored as text in <c>migration.syncs.state</c>.</summary>
public static class SyncState
{
    /// <summary>Waits for a lane behind another change of the record.</summary>
    public const string Queued = nameof(Queued);
    /// <summary>Holds its lanes and lets further events of its kind come in.</summary>
    public const string Grace = nameof(Grace);
    /// <summary>The change is being carried to DPS.</summary>
    public const string Pushing = nameof(Pushing);
    /// <summary>Created in DPS; the mapping is not yet written.</summary>
    public const string WritingMapping = nameof(WritingMapping);
    /// <summary>Our record is one too many and is being removed.</summary>
    public const string Compensating = nameof(Compensating);
    /// <summary>Was taken apart into syncs of single records, and waits for them.</summary>
    public const string AwaitingRecords = nameof(AwaitingRecords);
    /// <summary>The parent has no mapping yet. Holds no lane.</summary>
    public const string AwaitingParent = nameof(AwaitingParent);
    /// <summary>DPS and the mapping show the change.</summary>
    public const string Completed = nameof(Completed);
    /// <summary>There was nothing to do, for the reason given.</summary>
    public const string Ignored = nameof(Ignored);
    /// <summary>An older change of the same record, not yet begun, covers this one.</summary>
    public const string Superseded = nameof(Superseded);
    /// <summary>Our record was one too many; it is removed and the survivor is up to date.</summary>
    public const string Compensated = nameof(Compensated);
    /// <summary>A person must decide, for the reason given.</summary>
    public const string NeedsOperator = nameof(NeedsOperator);
    /// <summary>Given up with a reason; may be retried.</summary>
    public const string Failed = nameof(Failed);

    /// <summary>States that no message but a retry leaves.</summary>
    public static readonly IReadOnlyList<string> Ended = [Completed, Ignored, Superseded, Compensated, NeedsOperator, Failed];
}
