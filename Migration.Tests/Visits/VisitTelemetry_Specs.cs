using Migration.Sagas.Domains;
using Migration.Sagas.Domains.Visits;
using Migration.Sagas.Telemetry;
using static Migration.Tests.Visits.SampleVisit;

namespace Migration.Tests.Visits;

public class VisitTelemetry_Specs
{
    const string Run = "2020-05-23T11:30:00";

    [Test]
    public void Should_report_a_migrated_visit() // V-52
    {
        var visit = At(new DateTime(2018, 5, 23, 11, 30, 0), x => x.AgencyInternalLocation!.Description = "NOMIS_ROOM_DESCRIPTION");

        AssertIs(VisitTelemetry.Migrated(Run, visit, VisitTranslation.Translate(visit, room: null, Today), "654321"), "visits-migration-entity-migrated",
            ("migrationId", Run), ("prisonId", "BXI"), ("offenderNo", "A1234AA"), ("visitId", "123456"), ("vsipVisitId", "654321"),
            ("startDateTime", "2018-05-23T11:30:00"), ("room", "NOMIS_ROOM_DESCRIPTION"));
    }

    [Test]
    public void Should_report_a_rejected_visit() // V-56
    {
        var visit = At(new DateTime(2018, 5, 23, 11, 30, 0));

        AssertIs(VisitTelemetry.Rejected(Run, visit, VisitTranslation.Translate(visit, room: null, Today)), "nomis-migration-visit-rejected",
            ("migrationId", Run), ("prisonId", "BXI"), ("offenderNo", "A1234AA"), ("nomisId", "123456"), ("startDateTime", "2018-05-23T11:30:00"), ("room", "MDI-VISITS-OFF_VIS"));
    }

    [Test]
    public void Should_report_a_room_that_is_not_mapped() => // V-32
        AssertIs(VisitTelemetry.NoRoom(Run, In(1)), "nomis-migration-visit-no-room-mapping",
            ("migrationId", Run), ("prisonId", "BXI"), ("offenderNo", "A1234AA"), ("visitId", "123456"), ("startDateTime", "2026-11-25T10:30:56"),
            ("agencyInternalLocation", "MDI-VISITS-OFF_VIS"));

    [Test]
    public void Should_report_a_visit_without_a_room_with_an_empty_location() => // V-33
        Assert.That(VisitTelemetry.NoRoom(Run, In(1, x => x.AgencyInternalLocation = null)).Properties, Does.Contain(KeyValuePair.Create("agencyInternalLocation", "")));

    [Test]
    public void Should_report_a_duplicate_mapping() => // V-55
        AssertIs(VisitTelemetry.Duplicate(new MappingWork(Run, "1", "654321", DateTimeOffset.UnixEpoch), new Mapped("1", "12", Label: null), durationMinutes: 5),
            "nomis-migration-visit-duplicate",
            ("migrationId", Run), ("duplicateVsipId", "654321"), ("duplicateNomisId", "1"), ("existingVsipId", "12"), ("existingNomisId", "1"), ("durationMinutes", "5"));

    static void AssertIs(TelemetryEvent actual, string name, params (string Key, string Value)[] properties) => Assert.Multiple(() =>
    {
        Assert.That(actual.Name, Is.EqualTo(name));
        Assert.That(actual.Properties, Is.EqualTo(properties.Select(x => KeyValuePair.Create(x.Key, x.Value))));
    });
}
