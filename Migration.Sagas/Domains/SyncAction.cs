namespace Migration.Sagas.Domains;

/// <summary>Words for what happened where no event type names it; and the internal messages of the reference, by their types.</summary>
public static class SyncAction
{
    /// <summary>A repair that an operator asked for.</summary>
    public const string Repair = "repair";

    /// <summary>A second look at a record whose last call had an unknown end.</summary>
    public const string Look = "look";

    /// <summary>An operator's word to remove a duplicate.</summary>
    public const string Compensate = "compensate";

    /// <summary>The reference left a mapping to be written (spec: engine 4.4).</summary>
    public const string RetryMapping = "RETRY_SYNCHRONISATION_MAPPING";

    /// <summary>Property that names the record of DPS to be mapped, for <see cref="RetryMapping"/>.</summary>
    public const string TargetId = "targetId";
}
