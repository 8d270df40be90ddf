namespace Migration.Contracts.Syncs;

/// <summary>How a push ended.</summary>
public static class PushKind
{
    /// <summary>DPS and the mapping show the change.</summary>
    public const string Done = nameof(Done);
    /// <summary>There was nothing to do.</summary>
    public const string Ignored = nameof(Ignored);
    /// <summary>A record of DPS stands for it now, and its mapping is to be written.</summary>
    public const string Created = nameof(Created);
    /// <summary>Concerns several records; each is to be synchronised by itself.</summary>
    public const string Several = nameof(Several);
    /// <summary>The parent has no mapping yet.</summary>
    public const string ParentMissing = nameof(ParentMissing);
    /// <summary>A person must decide.</summary>
    public const string Undecided = nameof(Undecided);
    /// <summary>Cannot succeed on retry.</summary>
    public const string Failed = nameof(Failed);
}
