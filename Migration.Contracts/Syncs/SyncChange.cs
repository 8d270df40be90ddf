namespace Migration.Contracts.Syncs;

/// <summary>One change of one record, as a domain read it from an event, a repair or another change. Ids and codes only.</summary>
public sealed record SyncChange
{
    /// <summary>The kind of record: <c>visit</c>.</summary>
    public required string Entity { get; init; }

    /// <summary>The record's key in NOMIS, as its domain writes it.</summary>
    public required string Key { get; init; }

    /// <summary>See <see cref="SyncMode"/>.</summary>
    public required string Mode { get; init; }

    /// <summary>What happened, in the domain's word: the event type, <c>repair</c>, …</summary>
    public required string Action { get; init; }

    /// <summary>The lanes that guard what is changed, in the order in which they are taken: by rank, then by name.</summary>
    public required IReadOnlyList<string> Lanes { get; init; }

    /// <summary>How long further changes of the record may come in before NOMIS is read; null for none.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>What the event said and the push needs: prisoner number, booking, sequence …</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A property of the event; null where it was absent.</summary>
    public string? Property(string name) => Properties.GetValueOrDefault(name);
}
