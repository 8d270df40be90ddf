using Microsoft.AspNetCore.Http;
using Migration.Simulator;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>Whole migrations: one queue message after another, until the run is complete (spec: visits 6 and 11).</summary>
sealed class Visits_migration_Specs : ServiceFixture
{
    const string Migrated = "visits-migration-entity-migrated";
    const string Rejected = "nomis-migration-visit-rejected";
    const string Duplicate = "nomis-migration-visit-duplicate";
    const string NoRoom = "nomis-migration-visit-no-room-mapping";

    [Test]
    public async Task Should_create_and_map_each_of_86_visits_once() // V-04, engine 23, 29
    {
        using var visits = new ListedVisits(Estate, 86);

        var history = await Host.MigrateAsync("""{"prisonIds":["MDI","BXI"],"visitTypes":["SCON","OFFI"],"fromDateTime":"2020-01-01T01:30:00","toDateTime":"2020-01-02T23:30:00"}""");

        var runId = (string)history["migrationId"]!;
        var made = Enumerable.Range(1, 86).Select(x => Estate.Visit(x)).ToArray();
        await Runs.AssertBalancedAsync(World, Host, runId);
        Assert.Multiple(() =>
        {
            Assert.That((Estate.RequestsOf(Operations.MigrateVisit), Estate.RequestsOf(Operations.CreateVisitMapping)), Is.EqualTo((86, 86)));
            Assert.That(made.Select(x => x.Records.Count), Is.All.EqualTo(1));
            Assert.That(made.Select(x => (x.Mapping!.VsipId, x.Mapping.Label, x.Mapping.MappingType)),
                Is.EqualTo(made.Select(x => (x.Records[0].Reference, (string?)runId, "MIGRATED"))));
            Assert.That(history["estimatedRecordCount"]!.GetValue<long>(), Is.EqualTo(86));
            Assert.That(history["recordsMigrated"]!.GetValue<long>(), Is.EqualTo(86));
            Assert.That(Host.Telemetry.Of(runId, Migrated).Select(x => x["visitId"]), Is.EquivalentTo(Enumerable.Range(1, 86).Select(x => x.ToString())));
        });
    }

    [Test]
    public async Task Should_say_in_the_history_what_was_migrated_and_what_failed() // V-05, engine 42
    {
        using var visits = new ListedVisits(Estate, 26);
        using var refused = Estate.OnRequest(x => x is { Operation: Operations.MigrateVisit, NomisId: 7 }, Answer(400));
        var before = DeadLetters();

        var history = await Host.MigrateAsync("""{"prisonIds":["HEI"]}""");

        var runId = (string)history["migrationId"]!;
        await Runs.AssertBalancedAsync(World, Host, runId);
        Assert.Multiple(() =>
        {
            Assert.That(((string?)history["migrationType"], (string?)history["status"]), Is.EqualTo(("VISITS", "COMPLETED")));
            Assert.That(((long)history["estimatedRecordCount"]!, (long)history["recordsMigrated"]!, (long)history["recordsFailed"]!), Is.EqualTo((26, 25, 1)));
            Assert.That((string?)history["filter"], Does.Contain("SCON").And.Contain("HEI"));
            Assert.That((DateTime)history["whenEnded"]!, Is.GreaterThanOrEqualTo((DateTime)history["whenStarted"]!));
            Assert.That(Host.Telemetry.Of(runId, "visits-migration-started"), Has.Count.EqualTo(1));
            Assert.That(Host.Telemetry.Of(runId, Migrated), Has.Count.EqualTo(25));
        });
        Assert.That(DeadLetters(), Is.EqualTo(before), "what can never succeed is listed, not dead: docs/parity.md");
    }

    [Test]
    public async Task Should_report_what_was_sent() // V-52, engine 36
    {
        using var visits = new ListedVisits(Estate, 1);
        Estate.Nomis.Change(1, x => x with
        {
            PrisonId = "BXI",
            Start = new DateTime(2018, 5, 23, 11, 30, 0),
            End = new DateTime(2018, 5, 23, 12, 30, 0),
            Room = new Room("BXI", "X", "NOMIS_ROOM_DESCRIPTION", VsipId: null, IsOpen: true),
        });

        var runId = (string)(await Host.MigrateAsync())["id"]!;

        Assert.That(Host.Telemetry.Of(runId, Migrated).Single(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["migrationId"] = runId,
            ["prisonId"] = "BXI",
            ["offenderNo"] = Estate.Nomis.Find(1)!.OffenderNo,
            ["visitId"] = "1",
            ["vsipVisitId"] = Estate.Visit(1).Mapping!.VsipId,
            ["startDateTime"] = "2018-05-23T11:30:00",
            ["room"] = "NOMIS_ROOM_DESCRIPTION",
        }));
        Assert.That(Host.Telemetry.NamesOf(runId), Is.EqualTo(new[] { "visits-migration-started", Migrated, "visits-migration-completed" }));
    }

    [Test]
    public async Task Should_complete_at_once_when_there_is_nothing_to_migrate()
    {
        using var none = new ListedVisits(Estate, 0);

        var history = await Host.MigrateAsync();

        var runId = (string)history["id"]!;
        Assert.That(((long)history["estimatedRecordCount"]!, (long)history["recordsMigrated"]!), Is.EqualTo((0, 0)));
        Assert.That(Host.Telemetry.Of(runId, "visits-migration-completed").Single(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["migrationId"] = runId,
            ["estimatedCount"] = "0",
            ["durationMinutes"] = "0",
            ["properties"] = "{}", // V-18, engine 40
        }));
    }

    [Test]
    public async Task Should_create_nothing_for_a_visit_that_is_mapped() // V-53, engine 28
    {
        using var visits = new ListedVisits(Estate, 1);
        Estate.Map(new VisitMapping(1, "456", Label: null, "ONLINE", DateTime.Now));

        var runId = (string)(await Host.MigrateAsync())["id"]!;

        AssertCalls(reads: 0, creates: 0, mappings: 0);
        Assert.That((long)(await Host.ProgressAsync(runId))["counts"]!["AlreadyMapped"]!, Is.EqualTo(1));
        Assert.That(Host.Telemetry.NamesOf(runId), Is.EqualTo(new[] { "visits-migration-started", "visits-migration-completed" }));
    }

    [Test]
    public async Task Should_migrate_nothing_twice_when_it_is_run_again()
    {
        using var visits = new ListedVisits(Estate, 30);
        await Host.MigrateAsync();

        var again = await Host.MigrateAsync();

        AssertCalls(reads: 30, creates: 30, mappings: 30);
        Assert.That((long)(await Host.ProgressAsync((string)again["id"]!))["counts"]!["AlreadyMapped"]!, Is.EqualTo(30));
    }

    [Test]
    public async Task Should_create_once_and_map_twice_when_the_mapping_fails_once() // V-51, V-54, engine 31
    {
        using var visits = new ListedVisits(Estate, 1);
        var calls = 0;
        using var failing = Estate.OnRequest(x => x.Operation == Operations.CreateVisitMapping, async (http, takeEffect) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                http.Response.StatusCode = 500;
            else
                await takeEffect();
        });

        var history = await Host.MigrateAsync();

        var runId = (string)history["id"]!;
        AssertCalls(reads: 1, creates: 1, mappings: 2);
        await Runs.AssertBalancedAsync(World, Host, runId);
        Assert.That((long)history["recordsMigrated"]!, Is.EqualTo(1));
        Assert.That(Host.Telemetry.Of(runId, Migrated), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_report_a_visit_that_was_mapped_meanwhile_and_not_try_again() // V-55, engine 32
    {
        using var visits = new ListedVisits(Estate, 1);
        using var mappedByAnother = Estate.OnRequest(x => x.Operation == Operations.MigrateVisit, async (_, takeEffect) =>
        {
            await takeEffect();
            Estate.Map(new VisitMapping(1, "12", Label: null, "ONLINE", DateTime.Now));
        });

        var runId = (string)(await Host.MigrateAsync())["id"]!;

        AssertCalls(reads: 1, creates: 1, mappings: 1);
        var created = Estate.Visit(1).Records.Single().Reference;
        Assert.Multiple(async () =>
        {
            Assert.That(Host.Telemetry.Of(runId, Duplicate).Single(), Is.EquivalentTo(new Dictionary<string, string>
            {
                ["migrationId"] = runId,
                ["duplicateVsipId"] = created,
                ["duplicateNomisId"] = "1",
                ["existingVsipId"] = "12",
                ["existingNomisId"] = "1",
                ["durationMinutes"] = "0",
            }));
            Assert.That(Host.Telemetry.Of(runId, Migrated), Has.Count.EqualTo(1));
            Assert.That(await World.ReadAsync<string>("select target_id from migration.strays where record = 'visits/visit/1' and state = 'Open' and target_id = $1", created), Is.EqualTo(created));
            Assert.That((long)(await Host.ProgressAsync(runId))["counts"]!["Duplicate"]!, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_try_a_visit_that_the_scheduler_rejects_once() // V-56, engine 34
    {
        using var visits = new ListedVisits(Estate, 1);
        using var rejecting = Estate.OnRequest(x => x.Operation == Operations.MigrateVisit, Answer(422));

        var runId = (string)(await Host.MigrateAsync())["id"]!;

        AssertCalls(reads: 1, creates: 1, mappings: 0);
        var visit = Estate.Nomis.Find(1)!;
        Assert.That(Host.Telemetry.NamesOf(runId), Is.EqualTo(new[] { "visits-migration-started", Rejected, "visits-migration-completed" }));
        Assert.That(Host.Telemetry.Of(runId, Rejected).Single(), Is.SupersetOf(new Dictionary<string, string>
        {
            ["migrationId"] = runId,
            ["nomisId"] = "1",
            ["prisonId"] = visit.PrisonId,
            ["offenderNo"] = visit.OffenderNo,
        }));
        Assert.That((long)(await Host.ProgressAsync(runId))["counts"]!["Rejected"]!, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_report_a_room_that_is_not_mapped_once() // V-32; once: docs/parity.md
    {
        using var visits = new ListedVisits(Estate, 1);
        var start = DateTime.Today.AddDays(1).AddHours(10);
        Estate.Nomis.Change(1, x => x with { Start = start, End = start.AddHours(1), Room = new Room(x.PrisonId, "NEW", "MDI-VISITS-NEW", VsipId: null, IsOpen: true) });

        var history = await Host.MigrateAsync();

        var runId = (string)history["id"]!;
        var visit = Estate.Nomis.Find(1)!;
        AssertCalls(reads: 1, creates: 0, mappings: 0);
        Assert.That((long)history["recordsFailed"]!, Is.EqualTo(1));
        Assert.That(Host.Telemetry.Of(runId, NoRoom).Single(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["migrationId"] = runId,
            ["prisonId"] = visit.PrisonId,
            ["offenderNo"] = visit.OffenderNo,
            ["visitId"] = "1",
            ["startDateTime"] = $"{start:yyyy-MM-ddTHH:mm:ss}",
            ["agencyInternalLocation"] = "MDI-VISITS-NEW",
        }));
    }

    [TestCase(Operations.FindVisitMapping, 4, false)]
    [TestCase(Operations.GetVisit, 4, false)]
    [TestCase(Operations.MigrateVisit, 1, true)]
    public async Task Should_try_a_record_again_after_an_upstream_error(string operation, int errors, bool isFlagged) // engine 33; reads are repeated twice within an attempt
    {
        using var visits = new ListedVisits(Estate, 1);
        var calls = 0;
        using var failing = Estate.OnRequest(x => x.Operation == operation, async (http, takeEffect) =>
        {
            if (Interlocked.Increment(ref calls) <= errors)
                http.Response.StatusCode = 503;
            else
                await takeEffect();
        });

        var runId = (string)(await Host.MigrateAsync())["id"]!;

        await Runs.AssertBalancedAsync(World, Host, runId);
        var row = await World.ReadAsync<string>("select concat_ws(' ', state, attempts, possible_duplicate) from migration.ledger where run_id = $1", runId);
        Assert.That(row, Is.EqualTo($"Migrated 2 {(isFlagged ? 't' : 'f')}"));
        Assert.That((Estate.Visit(1).Records.Count, Estate.RequestsOf(Operations.CreateVisitMapping)), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Should_give_a_record_up_after_five_attempts() // visits 6.1, engine 82
    {
        using var visits = new ListedVisits(Estate, 1);
        using var failing = Estate.OnRequest(x => x.Operation == Operations.MigrateVisit, Answer(429));
        var before = DeadLetters();

        var history = await Host.MigrateAsync();

        AssertCalls(reads: 5, creates: 5, mappings: 0);
        Assert.That(((long)history["recordsMigrated"]!, (long)history["recordsFailed"]!), Is.EqualTo((0, 1)));
        await Eventually.IsTrue(() => DeadLetters() == before + 1);
        Assert.That(Host.Telemetry.Named("prisoner-from-nomis-migration-visits-sent-to-dlq")[^1], Is.EquivalentTo(new Dictionary<string, string>
        {
            ["queueName"] = "visits-migration-entities",
            ["dlqName"] = "visits-migration-entities-dlq",
            ["timeouts"] = "[1, 1, 1, 1]",
            ["maxReceiveCount"] = "5", // visits 8
        }));
    }

    [Test]
    public async Task Should_bring_over_an_estate_with_everything_that_a_real_one_has()
    {
        await using var world = await World.StartAsync(new EstateOptions { Visits = 300, Seed = 3, OfficialShare = 0.1, FarFutureShare = 0.05, NoRoomShare = 0.1, UnknownOutcomeShare = 0.05, FutureShare = 0.4 });
        await using var host = await ServiceHost.StartAsync(world, new Dictionary<string, string?> { ["Engine:PageSize"] = "37" });

        var history = await host.MigrateAsync("""{"visitTypes":[]}""");

        var runId = (string)history["id"]!;
        var fates = Enumerable.Range(1, 300).Select(x => world.Estate.Nomis.FateOf(world.Estate.Nomis.Find(x)!)).CountBy(x => x).ToDictionary();
        Assert.That(fates.Keys, Is.EquivalentTo(Enum.GetValues<VisitFate>()), "the estate has one of each");
        var counts = (await host.ProgressAsync(runId))["counts"]!;
        await Runs.AssertBalancedAsync(world, host, runId);
        Assert.Multiple(() =>
        {
            Assert.That((long)counts["Migrated"]!, Is.EqualTo(fates[VisitFate.Migrated]));
            Assert.That((long)counts["Rejected"]!, Is.EqualTo(fates[VisitFate.TooFarAhead]));
            Assert.That((long)counts["Failed"]!, Is.EqualTo(fates[VisitFate.NoRoom] + fates[VisitFate.UnknownCode] + fates[VisitFate.Official]));
        });
    }

    void AssertCalls(long reads, long creates, long mappings) => Assert.That(
        (Reads: Estate.RequestsOf(Operations.GetVisit), Creates: Estate.RequestsOf(Operations.MigrateVisit), Mappings: Estate.RequestsOf(Operations.CreateVisitMapping)),
        Is.EqualTo((reads, creates, mappings)));

    int DeadLetters() => World.Sqs.Broker.Depths.Single(x => x.Name == "visits-migration-entities-dlq").Visible;

    static Func<HttpContext, Func<Task>, Task> Answer(int status) => (http, _) => Task.FromResult(http.Response.StatusCode = status);
}
