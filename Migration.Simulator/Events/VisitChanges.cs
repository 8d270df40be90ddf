using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Simulator.Visits;

namespace Migration.Simulator.Events;

/// <summary>What happens to visits.</summary>
internal sealed class VisitChanges(NomisVisits visits, VisitStore records, MappingStore mappings, DateOnly today)
{
    private const int Tries = 2000;

    private static readonly CodeDescription Cancelled = new("CANC", "Cancelled");

    private static readonly CodeDescription?[] Outcomes =
        [new("OFFCANC", "Offender Cancelled"), new("VISCANC", "Visitor Cancelled"), new("HMP", "Operational Reasons-All Visits Cancelled"), new("NSHOW", "Visitor Did Not Arrive"), null];

    /// <summary>Null when no upcoming visit is found.</summary>
    public IReadOnlyList<Change>? Cancel(Dice dice, bool isFromDps)
    {
        for (var number = 0; number < Tries && visits.Count > 0; number++)
        {
            var id = 1L + dice.Below(visits.Count);
            if (visits.Find(id) is { Status.Code: "SCH" } visit && DateOnly.FromDateTime(visit.Start) > today && visits.FateOf(visit) == VisitFate.Migrated)
                return Change.Made(Cancel(visit, dice.Of(Outcomes), isFromDps));
        }

        return null;
    }

    private NomisEvent Cancel(NomisVisit visit, CodeDescription? outcome, bool isFromDps)
    {
        if (isFromDps && mappings.Find(visit.VisitId) is { } mapping)
            records.Cancel(mapping.VsipId, "CANCELLATION");
        visits.Change(visit.VisitId, found => found with
        {
            Status = Cancelled,
            Outcome = outcome,
            ModifiedBy = isFromDps ? "PRISONER_MANAGER_API" : "XQB12T_GEN",
            Updated = today.ToDateTime(new TimeOnly(12, 0)),
        });
        return NomisEvents.VisitCancelled(visit, isFromDps ? NomisEvents.DpsModule : "OIDOVIS") with { IsFromDps = isFromDps };
    }
}
