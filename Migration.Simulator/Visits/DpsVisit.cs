namespace Migration.Simulator.Visits;

/// <summary>A visit in the visit scheduler.</summary>
/// <param name="NomisId">The NOMIS visit that it was made from; null when it was made from none.</param>
public sealed record DpsVisit(
    string Reference,
    long? NomisId,
    string PrisonerId,
    string PrisonId,
    string Room,
    DateTime Start,
    DateTime End,
    string Status,
    string Outcome,
    string Restriction,
    int Visitors,
    int Notes);
