namespace Migration.Contracts.Runs;

/// <summary>States of a run, stored as text in <c>migration.runs.state</c>.</summary>
public static class RunState
{
    /// <summary>Row written by the start request; the saga has not seen it yet.</summary>
    public const string Requested = nameof(Requested);
    /// <summary>The count is being asked for.</summary>
    public const string Estimating = nameof(Estimating);
    /// <summary>Pages are being read; records are migrated as they are found.</summary>
    public const string Paging = nameof(Paging);
    /// <summary>Every page is reported; records are still open.</summary>
    public const string Migrating = nameof(Migrating);
    /// <summary>No new claim is granted; what is in hand ends.</summary>
    public const string Cancelling = nameof(Cancelling);
    /// <summary>Every page reported, no record open.</summary>
    public const string Completed = nameof(Completed);
    /// <summary>Stopped by an operator; may be resumed.</summary>
    public const string Cancelled = nameof(Cancelled);
    /// <summary>The run could not begin (the count failed); may be resumed.</summary>
    public const string Failed = nameof(Failed);

    /// <summary>States in which a run keeps another of its domain from starting.</summary>
    public static readonly IReadOnlyList<string> Active = [Requested, Estimating, Paging, Migrating, Cancelling];
}
