using Migration.Simulator.Mapping;
using Migration.Simulator.Visits;

namespace Migration.Simulator.Inspection;

/// <summary>What became of one NOMIS visit.</summary>
/// <param name="Records">Visits of the visit scheduler that were made from it.</param>
/// <param name="Refused">Whether the visit scheduler refused it.</param>
public sealed record VisitReport(long NomisId, bool Exists, IReadOnlyList<DpsVisit> Records, VisitMapping? Mapping, bool Refused);

/// <summary>What both sides and the mapping service hold.</summary>
/// <param name="Source">Visits in NOMIS.</param>
/// <param name="Dps">Visits in the visit scheduler.</param>
/// <param name="Mapped">Rows of the mapping service.</param>
/// <param name="Refused">NOMIS visits that the visit scheduler refused.</param>
/// <param name="Duplicates">NOMIS visits with more than one record in the visit scheduler.</param>
/// <param name="Unmapped">References of records that no mapping names.</param>
/// <param name="Missing">NOMIS visits that are neither mapped nor refused; includes those that cannot be translated.</param>
/// <param name="Lost">Those of the missing that the rules would let through.</param>
public sealed record Reconciliation(
    int Source, int Dps, int Mapped, int Refused, Listed<long> Duplicates, Listed<string> Unmapped, Listed<long> Missing, Listed<long> Lost);

/// <summary>How often an operation ended with a status; status 0 stands for never answered.</summary>
public sealed record RequestCount(string Upstream, string Operation, int Status, long Count);

/// <summary>Requests that did not match the API documents.</summary>
public sealed record InvalidRequests(long Count, IReadOnlyList<string> First);
