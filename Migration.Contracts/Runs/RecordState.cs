namespace Migration.Contracts.Runs;

/// <summary>States of a ledger row, stored as text in <c>migration.ledger.state</c>.</summary>
public static class RecordState
{
    /// <summary>Known; its message is sent or about to be.</summary>
    public const string Pending = nameof(Pending);
    /// <summary>A consumer holds it until <c>claimed_until</c>; nobody else may create it.</summary>
    public const string Claimed = nameof(Claimed);
    /// <summary>Created in the target; the mapping is not yet written.</summary>
    public const string MappingPending = nameof(MappingPending);
    /// <summary>Created by this run, and mapped.</summary>
    public const string Migrated = nameof(Migrated);
    /// <summary>A mapping stood already.</summary>
    public const string AlreadyMapped = nameof(AlreadyMapped);
    /// <summary>The target refused it by a rule of its own; not retried.</summary>
    public const string Rejected = nameof(Rejected);
    /// <summary>Created, but another record of the target is mapped to it; ours is listed as a stray.</summary>
    public const string Duplicate = nameof(Duplicate);
    /// <summary>Given up with a reason; may be replayed.</summary>
    public const string Failed = nameof(Failed);

    /// <summary>States that keep a run from being complete.</summary>
    public static readonly IReadOnlyList<string> Open = [Pending, Claimed, MappingPending];

    public static readonly IReadOnlyList<string> All = [Pending, Claimed, MappingPending, Migrated, AlreadyMapped, Rejected, Duplicate, Failed];
}
