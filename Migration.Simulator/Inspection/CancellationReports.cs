using Migration.Simulator.Events;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Simulator.Visits;

namespace Migration.Simulator.Inspection;

/// <summary>What became of one visit whose cancellation was told.</summary>
/// <param name="NomisStatus">Code of its status in NOMIS; null when it is gone.</param>
/// <param name="NomisOutcome">Null when none was given.</param>
/// <param name="Record">The visit of DPS that it is mapped to.</param>
public sealed record CancellationReport(long NomisId, string? NomisStatus, string? NomisOutcome, VisitMapping? Mapping, DpsVisit? Record);

/// <summary>What became of the cancellations that were told.</summary>
/// <param name="Mapped">Those of visits that DPS has.</param>
/// <param name="Cancelled">Those that DPS has cancelled.</param>
/// <param name="Lost">Mapped, and not cancelled.</param>
public sealed record CancellationReconciliation(int Told, int Mapped, int Cancelled, Listed<long> Lost);

/// <summary>Holds NOMIS and DPS against each other, cancellation by cancellation. Those that came from DPS do not count.</summary>
internal sealed class CancellationReports(NomisVisits source, VisitStore records, MappingStore mappings, ToldRecords told)
{
    public IEnumerable<CancellationReport> All() => told.Visits.Select(id =>
    {
        var visit = source.Find(id);
        var mapping = mappings.Find(id);
        return new CancellationReport(id, visit?.Status.Code, visit?.Outcome?.Code, mapping, mapping is null ? null : records.Find(mapping.VsipId));
    });

    public CancellationReconciliation Reconcile()
    {
        var all = All().ToList();
        return new CancellationReconciliation(
            all.Count,
            all.Count(report => report.Record is not null),
            all.Count(report => report.Record is { Status: "CANCELLED" }),
            Listed.Of(all.Where(report => report.Record is { Status: not "CANCELLED" }).Select(report => report.NomisId)));
    }
}
