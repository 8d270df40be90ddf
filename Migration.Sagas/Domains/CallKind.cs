namespace Migration.Sagas.Domains;

/// <summary>What a call that changes a target may have done when its end is unknown (protocol section 4).</summary>
public static class CallKind
{
    /// <summary>Created a record, of which there may be two then.</summary>
    public const string Create = "create";
    /// <summary>Replaced a whole.</summary>
    public const string Replace = "replace";
    /// <summary>Set a content, older than what was set since.</summary>
    public const string Set = "set";
    /// <summary>Was taken once, however often it comes: nothing to doubt.</summary>
    public const string Take = "take";
}
