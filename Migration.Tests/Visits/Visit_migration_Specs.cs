using System.Net;
using Microsoft.Extensions.Time.Testing;
using Migration.Clients.NomisMapping;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.VisitScheduler;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Domains.Visits;
using Migration.Sagas.Runs.Ledger;
using Moq;
using Refit;
using static Migration.Tests.Visits.SampleVisit;

namespace Migration.Tests.Visits;

/// <summary>One visit from NOMIS to DPS, against clients that answer as they are told.</summary>
public class Visit_migration_Specs
{
    const string Run = "2020-05-23T11:30:00";
    const string Migrated = "visits-migration-entity-migrated";
    const string Duplicate = "nomis-migration-visit-duplicate";

    readonly Mock<INomisVisits> _nomis = new();
    readonly Mock<IVisitMappings> _mappings = new();
    readonly Mock<IVisitScheduler> _scheduler = new();
    readonly FakeTimeProvider _time = new(new DateTimeOffset(Now, TimeSpan.Zero));
    FlatMigration<Visit, MigrateVisit> _migration = null!; // set before each test
    VisitMapping? _written;

    [SetUp]
    public async Task AnswerAsForAVisitThatCanBeMigrated()
    {
        _nomis.Reset();
        _mappings.Reset();
        _scheduler.Reset();
        _written = null;
        NomisHas(In(-1));
        Mapping(await Responses.Error<VisitMapping>(HttpStatusCode.NotFound));
        Room(Responses.Ok(new RoomMapping { VsipId = "VSIP-ROOM-ID", IsOpen = true }));
        Create(Responses.Ok("654321"));
        Map(Responses.Ok());
        var entity = new VisitEntity(_nomis.Object, _mappings.Object, _scheduler.Object, new VisitRooms(_mappings.Object, _time), new LocalTime(_time));
        _migration = new FlatMigration<Visit, MigrateVisit>(entity, _time);
    }

    [Test]
    public async Task Should_read_create_and_map_a_visit() // V-30, V-34, V-50
    {
        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 1, mappings: 1, rooms: 0);
        Assert.Multiple(() =>
        {
            Assert.That((outcome.State, outcome.TargetId, outcome.IsPossibleDuplicate), Is.EqualTo((RecordState.Migrated, "654321", false)));
            Assert.That((_written!.NomisId, _written.VsipId, _written.Label, _written.MappingType), Is.EqualTo((123456, "654321", Run, VisitMappingType.Migrated)));
            Assert.That(outcome.Events.Single().Name, Is.EqualTo(Migrated));
            Assert.That(outcome.Events.Single().Properties, Is.SupersetOf(new[]
            {
                KeyValuePair.Create("room", "MDI-VISITS-OFF_VIS"), KeyValuePair.Create("visitId", "123456"), KeyValuePair.Create("vsipVisitId", "654321"),
            }));
        });
        _nomis.Verify(x => x.GetVisit(123456, It.IsAny<CancellationToken>()), Times.Once);
    }

    [Test]
    public async Task Should_look_up_the_room_of_a_visit_ahead() // V-31
    {
        NomisHas(In(5));

        var outcome = await MigrateAsync();

        Assert.That(outcome.State, Is.EqualTo(RecordState.Migrated));
        _mappings.Verify(x => x.FindRoom("BXI", "MDI-VISITS-OFF_VIS", It.IsAny<CancellationToken>()), Times.Once);
        _scheduler.Verify(x => x.MigrateVisit(It.Is<MigrateVisit>(v => v.VisitRoom == "VSIP-ROOM-ID"), It.IsAny<CancellationToken>()), Times.Once);
    }

    [Test]
    public async Task Should_fail_for_good_when_the_room_is_not_mapped() // V-32; once: docs/parity.md
    {
        NomisHas(In(1));
        Room(await Responses.Error<RoomMapping>(HttpStatusCode.NotFound));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 0, mappings: 0, rooms: 1);
        Assert.Multiple(() =>
        {
            Assert.That((outcome.State, outcome.Reason), Is.EqualTo((RecordState.Failed, "no room mapping for BXI MDI-VISITS-OFF_VIS")));
            Assert.That(outcome.Events.Select(x => x.Name), Is.EqualTo(new[] { "nomis-migration-visit-no-room-mapping" }));
        });
    }

    [Test]
    public async Task Should_fail_for_good_when_a_visit_ahead_has_no_location() // V-33
    {
        NomisHas(In(1, x => x.AgencyInternalLocation = null));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 0, mappings: 0, rooms: 0);
        Assert.That((outcome.State, outcome.Reason), Is.EqualTo((RecordState.Failed, "no room mapping for BXI no location")));
    }

    [TestCase(730, "MDI-VISITS-OFF_VIS", TestName = "V-35: two years ahead")]
    [TestCase(-1, "UNKNOWN", TestName = "V-36: yesterday, no location")]
    public async Task Should_not_look_up_a_room_that_is_not_needed(int days, string expected)
    {
        NomisHas(In(days, x => x.AgencyInternalLocation = expected == "UNKNOWN" ? null : x.AgencyInternalLocation));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 1, mappings: 1, rooms: 0);
        Assert.That(outcome.Events.Single().Properties, Does.Contain(KeyValuePair.Create("room", expected)));
    }

    [Test]
    public async Task Should_leave_the_mapping_for_later_when_it_cannot_be_written() // V-51
    {
        Map(await Responses.Error(HttpStatusCode.InternalServerError));

        var outcome = await MigrateAsync();

        Assert.That((outcome.State, outcome.TargetId), Is.EqualTo((RecordState.MappingPending, "654321")));
        Assert.That(outcome.Events.Select(x => x.Name), Is.EqualTo(new[] { Migrated }));
    }

    [Test]
    public async Task Should_do_nothing_for_a_visit_that_is_mapped() // V-53
    {
        Mapping(Responses.Ok(new VisitMapping { NomisId = 123456, VsipId = "456", MappingType = VisitMappingType.Online }));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 0, creates: 0, mappings: 0, rooms: 0);
        Assert.That((outcome.State, outcome.ExistingId, outcome.Events.Count), Is.EqualTo((RecordState.AlreadyMapped, "456", 0)));
    }

    [Test]
    public async Task Should_count_a_visit_that_this_run_has_mapped_as_migrated()
    {
        Mapping(Responses.Ok(new VisitMapping { NomisId = 123456, VsipId = "456", Label = Run, MappingType = VisitMappingType.Migrated }));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 0, creates: 0, mappings: 0, rooms: 0);
        Assert.That((outcome.State, outcome.TargetId, outcome.CreatedId), Is.EqualTo((RecordState.Migrated, "456", (string?)null)));
    }

    [TestCase("\"12\"", TestName = "V-55: existing id as text")]
    [TestCase("12", TestName = "existing id as a number")]
    public async Task Should_report_a_mapping_that_stands_in_the_way(string vsipId) // V-55
    {
        Map(await Responses.Error(HttpStatusCode.Conflict, Conflict(nomisId: 123456, vsipId)));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 1, mappings: 1, rooms: 0);
        Assert.Multiple(() =>
        {
            Assert.That((outcome.State, outcome.ExistingId, outcome.StrayId), Is.EqualTo((RecordState.Duplicate, "12", "654321")));
            Assert.That(outcome.Events.Select(x => x.Name), Is.EqualTo(new[] { Duplicate, Migrated }));
            Assert.That(outcome.Events[0].Properties, Is.SupersetOf(new[] { KeyValuePair.Create("existingVsipId", "12"), KeyValuePair.Create("duplicateVsipId", "654321") }));
        });
    }

    [Test]
    public async Task Should_look_up_the_mapping_that_an_unreadable_conflict_does_not_name() // E28
    {
        _mappings.SetupSequence(x => x.FindByNomisId(123456, It.IsAny<CancellationToken>()))
            .ReturnsAsync(await Responses.Error<VisitMapping>(HttpStatusCode.NotFound))
            .ReturnsAsync(Responses.Ok(new VisitMapping { NomisId = 123456, VsipId = "12", MappingType = VisitMappingType.Online }));
        Map(await Responses.Error(HttpStatusCode.Conflict, "<html>"));

        var outcome = await MigrateAsync();

        Assert.That((outcome.State, outcome.ExistingId), Is.EqualTo((RecordState.Duplicate, "12")));
    }

    [Test]
    public async Task Should_keep_trying_when_an_unreadable_conflict_cannot_be_looked_up_either()
    {
        Map(await Responses.Error(HttpStatusCode.Conflict, "<html>"));

        Assert.That((await MigrateAsync()).State, Is.EqualTo(RecordState.MappingPending));
    }

    [Test]
    public async Task Should_never_call_a_record_astray_that_another_visit_is_mapped_to()
    {
        Map(await Responses.Error(HttpStatusCode.Conflict, Conflict(nomisId: 9, "\"654321\"")));

        var outcome = await MigrateAsync();

        Assert.That((outcome.State, outcome.Reason, outcome.StrayId), Is.EqualTo((RecordState.Failed, "target id is mapped to another record", (string?)null)));
    }

    [Test]
    public async Task Should_end_a_visit_that_the_scheduler_rejects() // V-56
    {
        Create(await Responses.Error<string>(HttpStatusCode.UnprocessableEntity));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 1, mappings: 0, rooms: 0);
        Assert.That((outcome.State, outcome.Events.Single().Name), Is.EqualTo((RecordState.Rejected, "nomis-migration-visit-rejected")));
    }

    [TestCase(HttpStatusCode.BadRequest, RecordState.Failed, false)]
    [TestCase(HttpStatusCode.Conflict, RecordState.Failed, false)]
    [TestCase(HttpStatusCode.Unauthorized, RecordState.Pending, false)]
    [TestCase(HttpStatusCode.Forbidden, RecordState.Pending, false)]
    [TestCase(HttpStatusCode.TooManyRequests, RecordState.Pending, false)]
    [TestCase(HttpStatusCode.InternalServerError, RecordState.Pending, true)]
    [TestCase(HttpStatusCode.GatewayTimeout, RecordState.Pending, true)]
    public async Task Should_tell_what_a_create_may_have_done_from_its_status(HttpStatusCode status, string state, bool isUnknown)
    {
        Create(await Responses.Error<string>(status));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 1, mappings: 0, rooms: 0);
        Assert.That((outcome.State, outcome.IsUnknown), Is.EqualTo((state, isUnknown)));
    }

    [TestCase("")]
    [TestCase(null)]
    public async Task Should_not_know_what_became_of_a_create_that_answers_without_a_reference(string? body) // E25
    {
        Create(body is null ? Responses.Empty<string>(HttpStatusCode.Created) : Responses.Ok(body));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 1, mappings: 0, rooms: 0);
        Assert.That((outcome.State, outcome.IsUnknown), Is.EqualTo((RecordState.Pending, true)));
    }

    [Test]
    public async Task Should_know_that_nothing_happened_when_the_scheduler_could_not_be_reached()
    {
        _scheduler.Setup(x => x.MigrateVisit(It.IsAny<MigrateVisit>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new HttpRequestException(HttpRequestError.ConnectionError));

        var outcome = await MigrateAsync();

        Assert.That((outcome.State, outcome.IsUnknown), Is.EqualTo((RecordState.Pending, false)));
    }

    [TestCase(HttpStatusCode.NotFound, RecordState.Failed, "no longer in NOMIS")]
    [TestCase(HttpStatusCode.InternalServerError, RecordState.Pending, "nomis: 500 at read")]
    public async Task Should_create_nothing_for_a_visit_that_cannot_be_read(HttpStatusCode status, string state, string reason) // E8
    {
        _nomis.Setup(x => x.GetVisit(It.IsAny<long>(), It.IsAny<CancellationToken>())).ReturnsAsync(await Responses.Error<Visit>(status));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 0, mappings: 0, rooms: 0);
        Assert.That((outcome.State, outcome.Reason), Is.EqualTo((state, reason)));
    }

    [Test]
    public async Task Should_touch_nothing_while_the_mapping_service_cannot_tell_whether_the_visit_is_mapped()
    {
        Mapping(await Responses.Error<VisitMapping>(HttpStatusCode.InternalServerError));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 0, creates: 0, mappings: 0, rooms: 0);
        Assert.That((outcome.State, outcome.IsUnknown), Is.EqualTo((RecordState.Pending, false)));
    }

    [Test]
    public async Task Should_try_again_when_the_room_cannot_be_looked_up()
    {
        NomisHas(In(1));
        Room(await Responses.Error<RoomMapping>(HttpStatusCode.InternalServerError));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 0, mappings: 0, rooms: 1);
        Assert.That((outcome.State, outcome.Events.Count), Is.EqualTo((RecordState.Pending, 0)));
    }

    [Test]
    public async Task Should_fail_for_good_at_a_code_without_a_translation()
    {
        NomisHas(In(-1, x => x.VisitOutcome = Code("LOCKDOWN")));

        var outcome = await MigrateAsync();

        AssertCalls(reads: 1, creates: 0, mappings: 0, rooms: 0);
        Assert.That((outcome.State, outcome.Reason), Is.EqualTo((RecordState.Failed, "unknown visit outcome code LOCKDOWN")));
    }

    [Test]
    public async Task Should_not_create_once_the_claim_is_gone()
    {
        var outcome = await MigrateAsync(isSafeToCall: false);

        AssertCalls(reads: 1, creates: 0, mappings: 0, rooms: 0);
        Assert.That(outcome, Is.EqualTo(RecordOutcome.Lost));
    }

    [Test]
    public async Task Should_flag_a_visit_that_is_pushed_again_after_an_unknown_end() // E1
    {
        var outcome = await MigrateAsync(new Ambiguity("create", TargetId: null));

        AssertCalls(reads: 1, creates: 1, mappings: 1, rooms: 0);
        Assert.That((outcome.State, outcome.IsPossibleDuplicate), Is.EqualTo((RecordState.Migrated, true)));
    }

    [Test]
    public async Task Should_only_map_a_visit_that_an_earlier_holder_created()
    {
        var outcome = await MigrateAsync(new Ambiguity("create", TargetId: "111"));

        AssertCalls(reads: 0, creates: 0, mappings: 1, rooms: 0);
        Assert.That((outcome.State, outcome.TargetId, _written!.VsipId), Is.EqualTo((RecordState.Migrated, "111", "111")));
    }

    [TestCase(HttpStatusCode.Created, RecordState.Migrated)]
    [TestCase(HttpStatusCode.InternalServerError, RecordState.Pending)]
    public async Task Should_write_a_mapping_that_is_owed_in_silence(HttpStatusCode status, string expected) // 6.9
    {
        Map(status == HttpStatusCode.Created ? Responses.Ok() : await Responses.Error(status));

        var outcome = await _migration.WriteMappingAsync(new MappingWork(Run, "123456", "654321", DateTimeOffset.UnixEpoch), default);

        AssertCalls(reads: 0, creates: 0, mappings: 1, rooms: 0);
        Assert.That((outcome.State, outcome.Events.Count), Is.EqualTo((expected, 0)));
    }

    [Test]
    public async Task Should_end_a_mapping_that_is_owed_when_another_stands_already() // E4
    {
        Map(await Responses.Error(HttpStatusCode.Conflict, Conflict(nomisId: 123456, "\"12\"")));

        var outcome = await _migration.WriteMappingAsync(new MappingWork(Run, "123456", "654321", DateTimeOffset.UnixEpoch), default);

        Assert.That((outcome.State, outcome.StrayId, outcome.Events.Count), Is.EqualTo((RecordState.Duplicate, "654321", 0)));
    }

    Task<RecordOutcome> MigrateAsync(Ambiguity? ambiguity = null, bool isSafeToCall = true)
    {
        var request = new ClaimRequest(Run, "123456", "visit/123456", "visits/visit/123456", Guid.NewGuid());
        var claim = new Claim(request, claimNo: 1, attempts: 1, ambiguity, TimeSpan.FromMinutes(1), TimeProvider.System);
        return _migration.MigrateAsync(new RecordWork(claim, _ => Task.FromResult(isSafeToCall), (_, _) => Task.FromResult(true)), default);
    }

    void NomisHas(Visit visit) => _nomis.Setup(x => x.GetVisit(It.IsAny<long>(), It.IsAny<CancellationToken>())).ReturnsAsync(Responses.Ok(visit));

    void Mapping(IApiResponse<VisitMapping> response) => _mappings.Setup(x => x.FindByNomisId(123456, It.IsAny<CancellationToken>())).ReturnsAsync(response);

    void Room(IApiResponse<RoomMapping> response) =>
        _mappings.Setup(x => x.FindRoom(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>())).ReturnsAsync(response);

    void Create(IApiResponse<string> response) =>
        _scheduler.Setup(x => x.MigrateVisit(It.IsAny<MigrateVisit>(), It.IsAny<CancellationToken>())).ReturnsAsync(response);

    void Map(IApiResponse response) => _mappings.Setup(x => x.Create(It.IsAny<VisitMapping>(), It.IsAny<CancellationToken>()))
        .Callback((VisitMapping mapping, CancellationToken _) => _written = mapping).ReturnsAsync(response);

    void AssertCalls(int reads, int creates, int mappings, int rooms)
    {
        _nomis.Verify(x => x.GetVisit(It.IsAny<long>(), It.IsAny<CancellationToken>()), Times.Exactly(reads));
        _scheduler.Verify(x => x.MigrateVisit(It.IsAny<MigrateVisit>(), It.IsAny<CancellationToken>()), Times.Exactly(creates));
        _mappings.Verify(x => x.Create(It.IsAny<VisitMapping>(), It.IsAny<CancellationToken>()), Times.Exactly(mappings));
        _mappings.Verify(x => x.FindRoom(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>()), Times.Exactly(rooms));
    }

    static string Conflict(long nomisId, string vsipId) =>
        $$$$"""{"moreInfo":{"existing":{"nomisId":{{{{nomisId}}}},"vsipId":{{{{vsipId}}}},"mappingType":"MIGRATED"},"duplicate":{"nomisId":123456,"vsipId":"654321","mappingType":"MIGRATED"}}}""";
}
