namespace Migration.Simulator.Nomis;

public sealed record CodeDescription(string Code, string Description);

/// <summary>A visit as NOMIS knows it. Times are local.</summary>
public sealed record NomisVisit
{
    public required long VisitId { get; init; }
    public required string OffenderNo { get; init; }
    public required string PrisonId { get; init; }
    public required DateTime Start { get; init; }
    public required DateTime End { get; init; }
    public required CodeDescription Type { get; init; }
    public required CodeDescription Status { get; init; }
    public CodeDescription? Outcome { get; init; }
    public Room? Room { get; init; }
    public required IReadOnlyList<long> Visitors { get; init; }
    public LeadVisitor? Lead { get; init; }
    public string? Comment { get; init; }
    public string? Concern { get; init; }
    public required string CreatedBy { get; init; }
    public string? ModifiedBy { get; init; }
    public required DateTime Created { get; init; }
    public DateTime? Updated { get; init; }
}

public sealed record LeadVisitor(long PersonId, string FullName, IReadOnlyList<string> Telephones);

/// <summary>What becomes of a visit that is migrated as the rules of the services say.</summary>
public enum VisitFate
{
    Migrated,

    /// <summary>Lies ahead, and there is no room or nobody has mapped it.</summary>
    NoRoom,

    /// <summary>Its outcome code has no translation.</summary>
    UnknownCode,

    /// <summary>400 from the visit scheduler.</summary>
    Official,

    /// <summary>422 from the visit scheduler.</summary>
    TooFarAhead,
}
