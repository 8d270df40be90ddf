using System.Globalization;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.VisitScheduler;
using Migration.Sagas.Telemetry;
using MigrateVisit = Migration.Clients.VisitScheduler.MigrateVisit;

namespace Migration.Sagas.Domains.Visits;

/// <summary>Telemetry of a migrated visit (spec: visits 8). Names and properties are contract.</summary>
public static class VisitTelemetry
{
    public static TelemetryEvent Migrated(string runId, Visit visit, MigrateVisit sent, string vsipId) => TelemetryEvent.Of("visits-migration-entity-migrated",
        ("migrationId", runId), ("prisonId", visit.PrisonId), ("offenderNo", visit.OffenderNo), ("visitId", Text(visit.VisitId)),
        ("vsipVisitId", vsipId), ("startDateTime", Text(visit.StartDateTime)), ("room", sent.VisitRoom));

    public static TelemetryEvent Rejected(string runId, Visit visit, MigrateVisit sent) => TelemetryEvent.Of("nomis-migration-visit-rejected",
        ("migrationId", runId), ("prisonId", visit.PrisonId), ("offenderNo", visit.OffenderNo), ("nomisId", Text(visit.VisitId)),
        ("startDateTime", Text(visit.StartDateTime)), ("room", sent.VisitRoom));

    public static TelemetryEvent NoRoom(string runId, Visit visit) => TelemetryEvent.Of("nomis-migration-visit-no-room-mapping",
        ("migrationId", runId), ("prisonId", visit.PrisonId), ("offenderNo", visit.OffenderNo), ("visitId", Text(visit.VisitId)),
        ("startDateTime", Text(visit.StartDateTime)), ("agencyInternalLocation", visit.AgencyInternalLocation?.Description ?? ""));

    public static TelemetryEvent Duplicate(MappingWork work, Mapped existing, long durationMinutes) => TelemetryEvent.Of("nomis-migration-visit-duplicate",
        ("migrationId", work.RunId), ("duplicateVsipId", work.TargetId), ("duplicateNomisId", work.Key),
        ("existingVsipId", existing.TargetId), ("existingNomisId", existing.Key), ("durationMinutes", Text(durationMinutes)));

    public static TelemetryEvent Cancelled(Visit visit, string vsipId, OutcomeStatus outcome) => TelemetryEvent.Of("visit-cancellation-synchronisation",
        ("offenderNo", visit.OffenderNo), ("vsipId", vsipId), ("nomisVisitId", Text(visit.VisitId)), ("vsipOutcome", WireName.Of(outcome)));

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string Text(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
}
