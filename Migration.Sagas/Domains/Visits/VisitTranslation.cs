using Migration.Clients.NomisPrisoner;
using Migration.Clients.VisitScheduler;
using MigrateVisit = Migration.Clients.VisitScheduler.MigrateVisit;

namespace Migration.Sagas.Domains.Visits;

/// <summary>From a NOMIS visit to the scheduler's (spec: visits 6.3 to 6.8). Pure.</summary>
public static class VisitTranslation
{
    /// <summary>Whether the visit's room must be mapped: it starts today or within a year from today, both inclusive.</summary>
    public static bool NeedsRoomMapping(Visit visit, DateOnly today)
    {
        var start = DateOnly.FromDateTime(visit.StartDateTime);
        return start >= today && start <= today.AddYears(1);
    }

    /// <param name="visit">The visit as NOMIS gives it.</param>
    /// <param name="room">Its room in DPS; ignored where none is needed.</param>
    /// <param name="today">The date that divides past from future, local to England.</param>
    /// <exception cref="UnknownCodeException">A code without a translation.</exception>
    public static MigrateVisit Translate(Visit visit, VisitRoom? room, DateOnly today)
    {
        var isFuture = DateOnly.FromDateTime(visit.StartDateTime) >= today;
        var placed = NeedsRoomMapping(visit, today) && room is not null
            ? room
            : new VisitRoom(visit.AgencyInternalLocation?.Description ?? "UNKNOWN", VisitRestriction.Unknown);
        var (start, end) = Times(visit, isFuture);
        return new MigrateVisit
        {
            PrisonId = visit.PrisonId,
            PrisonerId = visit.OffenderNo,
            StartTimestamp = start,
            EndTimestamp = end,
            VisitType = VisitCodes.Type(visit.VisitType.Code),
            VisitStatus = VisitCodes.Status(visit.VisitStatus.Code),
            OutcomeStatus = VisitCodes.Outcome(visit.VisitStatus.Code, visit.VisitOutcome?.Code),
            VisitRoom = placed.Name,
            VisitRestriction = placed.Restriction,
            ContactList = [.. visit.Visitors.Select(x => new VisitPerson { NomisPersonId = x.PersonId })],
            Visitors = [.. visit.Visitors.Select(x => x.PersonId).Distinct().Select(x => new VisitPerson { NomisPersonId = x })],
            VisitNotes = isFuture ? Notes(visit) : [],
            LegacyData = visit.LeadVisitor is { } lead ? new LegacyData { LeadVisitorId = lead.PersonId } : null,
            VisitContact = visit.LeadVisitor is { } contact
                ? new VisitContact { Name = contact.FullName, Telephone = contact.Telephones.FirstOrDefault() }
                : null,
            ActionedBy = visit.ModifyUserId ?? visit.CreateUserId,
            CreateDateTime = visit.WhenCreated,
            ModifyDateTime = visit.WhenUpdated,
        };
    }

    // Hewell runs fixed sessions: its coming visits move to them, the end by the start's side of noon, each on its own date.
    static (DateTime Start, DateTime End) Times(Visit visit, bool isFuture)
    {
        if (visit.PrisonId != "HEI" || !isFuture)
            return (visit.StartDateTime, visit.EndDateTime);
        var isMorning = visit.StartDateTime.Hour < 12;
        return (visit.StartDateTime.Date + (isMorning ? new TimeSpan(9, 0, 0) : new TimeSpan(13, 45, 0)),
            visit.EndDateTime.Date + (isMorning ? new TimeSpan(10, 0, 0) : new TimeSpan(14, 45, 0)));
    }

    static List<VisitNote> Notes(Visit visit)
    {
        var notes = new List<VisitNote>(2);
        if (visit.CommentText is { } comment)
            notes.Add(new VisitNote { Type = VisitNoteType.VisitComment, Text = comment });
        if (visit.VisitorConcernText is { } concern)
            notes.Add(new VisitNote { Type = VisitNoteType.VisitorConcern, Text = concern });
        return notes;
    }
}

/// <summary>A room of the visit scheduler.</summary>
public sealed record VisitRoom(string Name, VisitRestriction Restriction);
