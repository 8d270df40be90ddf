namespace Migration.Contracts.Syncs;

/// <summary>How a change relates to others of its record, stored as text. Decides which of two waiting changes covers the other (protocol section 7).</summary>
public static class SyncMode
{
    /// <summary>Brings the present NOMIS state; covers a later upsert that waits behind it.</summary>
    public const string Upsert = nameof(Upsert);
    /// <summary>As an upsert, for a record that is new; covers later inserts and updates.</summary>
    public const string Insert = nameof(Insert);
    /// <summary>As an upsert, for a record that is known; covers later updates.</summary>
    public const string Update = nameof(Update);
    /// <summary>Removes; never covered.</summary>
    public const string Delete = nameof(Delete);
    /// <summary>Adds something of its own; never covered.</summary>
    public const string Additive = nameof(Additive);
    /// <summary>Looks once more at a record whose last call had an unknown end.</summary>
    public const string Look = nameof(Look);
    /// <summary>Removes a record of ours that is one too many, at an operator's word.</summary>
    public const string Compensate = nameof(Compensate);

    /// <summary>Modes of an older change, not yet begun, that cover a newcomer of this mode.</summary>
    public static IReadOnlyList<string> Absorbing(string mode) => mode switch
    {
        Upsert or Look => [Upsert],
        Insert => [Insert],
        Update => [Insert, Update],
        _ => [],
    };
}
