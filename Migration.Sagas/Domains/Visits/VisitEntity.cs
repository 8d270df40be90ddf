using System.Globalization;
using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.VisitScheduler;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Telemetry;
using MigrateVisit = Migration.Clients.VisitScheduler.MigrateVisit;

namespace Migration.Sagas.Domains.Visits;

/// <summary>One visit: where it is looked up, read, created and mapped (spec: visits 6.2).</summary>
public sealed class VisitEntity(INomisVisits nomis, IVisitMappings mappings, IVisitScheduler scheduler, VisitRooms rooms, LocalTime localTime)
    : IFlatEntity<Visit, MigrateVisit>
{
    public async Task<Answer<Mapped>> FindMappingAsync(string key, CancellationToken cancellationToken) =>
        (await Answers.Of(Upstreams.Mapping, ct => mappings.FindByNomisId(Id(key), ct), cancellationToken)).Select(ToMapped);

    public Task<Answer<Visit>> ReadAsync(string key, CancellationToken cancellationToken) =>
        Answers.Of(Upstreams.Nomis, ct => nomis.GetVisit(Id(key), ct), cancellationToken);

    public async Task<Translation<MigrateVisit>> TranslateAsync(string runId, Visit source, CancellationToken cancellationToken)
    {
        var today = localTime.Today;
        VisitRoom? room = null;
        if (VisitTranslation.NeedsRoomMapping(source, today))
        {
            if (source.AgencyInternalLocation is not { } location)
                return NoRoom(runId, source, "no location");
            var found = await rooms.FindAsync(source.PrisonId, location.Description, cancellationToken);
            if (found.IsRefusedWith(HttpStatusCode.NotFound))
                return NoRoom(runId, source, location.Description);
            if (!found.IsDone)
                return found.ToReadOutcome("find room");
            room = found.Body;
        }
        try
        {
            return VisitTranslation.Translate(source, room, today);
        }
        catch (UnknownCodeException exception)
        {
            return RecordOutcome.Failed(new Failure("translate", "-", "-", exception.Message, exception.Message));
        }
    }

    public Task<Answer<string>> CreateAsync(MigrateVisit target, CancellationToken cancellationToken) =>
        Answers.Of(Upstreams.Visits, ct => scheduler.MigrateVisit(target, ct), cancellationToken);

    // The scheduler cannot be asked by a NOMIS id.
    public Task<IReadOnlyList<string>> FindUnmappedAsync(string key, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task<Answer<NoBody>> WriteMappingAsync(string key, string targetId, string runId, CancellationToken cancellationToken)
    {
        var mapping = new VisitMapping { NomisId = Id(key), VsipId = targetId, Label = runId, MappingType = VisitMappingType.Migrated };
        return Answers.Of(Upstreams.Mapping, ct => mappings.Create(mapping, ct), cancellationToken);
    }

    public Mapped? ReadDuplicate(string? errorBody) => DuplicateVisitMapping.Read(errorBody) is { } duplicate ? ToMapped(duplicate.MoreInfo.Existing) : null;

    public string? RejectionReason(Answer<string> refused) =>
        refused.Status == HttpStatusCode.UnprocessableEntity ? "refused by the visit scheduler" : null;

    public TelemetryEvent MigratedEvent(string runId, Visit source, MigrateVisit target, string targetId) => VisitTelemetry.Migrated(runId, source, target, targetId);

    public TelemetryEvent RejectedEvent(string runId, Visit source, MigrateVisit target) => VisitTelemetry.Rejected(runId, source, target);

    public TelemetryEvent DuplicateEvent(MappingWork work, Mapped existing) =>
        VisitTelemetry.Duplicate(work, existing, localTime.WholeMinutesSince(work.RunId));

    static Mapped ToMapped(VisitMapping mapping) => new(mapping.NomisId.ToString(CultureInfo.InvariantCulture), mapping.VsipId, mapping.Label);

    static RecordOutcome NoRoom(string runId, Visit visit, string location) =>
        RecordOutcome.Failed(new Failure("room", Upstreams.Mapping, "404", $"no room mapping for {visit.PrisonId} {location}",
            $"visit {visit.VisitId.ToString(CultureInfo.InvariantCulture)}: no room mapping for {visit.PrisonId} {location}"))
        with
        { Events = [VisitTelemetry.NoRoom(runId, visit)] };

    static long Id(string key) => long.Parse(key, CultureInfo.InvariantCulture);
}
