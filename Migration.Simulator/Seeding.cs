using Migration.Simulator.Events;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Simulator.Visits;

namespace Migration.Simulator;

/// <summary>Puts into DPS and the mapping service what a finished migration would have left there.</summary>
internal sealed class Seeding(
    EstateOptions options, NomisVisits visits, VisitStore records, MappingStore mappings, NomisAdjustments adjustments, AdjustmentChanges links)
{
    public void Run()
    {
        foreach (var adjustment in adjustments.Keys().Select(adjustments.Find).OfType<NomisAdjustment>())
        {
            if (!adjustment.IsHidden && NomisAdjustments.IsTranslatable(adjustment))
                links.Link(adjustment, "MIGRATED");
        }

        for (var id = 1L; id <= visits.Count; id++)
        {
            if (visits.Find(id) is { Status.Code: "SCH" } visit && DateOnly.FromDateTime(visit.Start) > options.Today && visits.FateOf(visit) == VisitFate.Migrated)
                Link(visit);
        }
    }

    private void Link(NomisVisit visit)
    {
        var reference = records.Add(new VisitStore.NewVisit(
            visit.VisitId, visit.OffenderNo, visit.PrisonId, visit.Room?.VsipId ?? "", visit.Start, visit.End, "BOOKED", "NOT_RECORDED", "OPEN", visit.Visitors.Count, Notes: 0));
        mappings.Add(new VisitMapping(visit.VisitId, reference, Label: null, "MIGRATED", MappingJson.Now));
    }
}
