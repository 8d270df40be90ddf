using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Migration.Simulator;
using Migration.Simulator.Mapping;

namespace Migration.Tests.Service;

/// <summary>Progress and failures of a run in which records end in every way.</summary>
sealed class Progress_Specs : ServiceFixture
{
    string _runId = ""; // set before the first test
    JsonObject _progress = []; // set before the first test
    string _createdForNine = "";

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?> { ["Engine:MaxAttempts"] = "2" };

    [OneTimeSetUp]
    public async Task Migrate()
    {
        using var visits = new ListedVisits(Estate, 20);
        Estate.Map(new VisitMapping(1, "1", Label: null, "ONLINE", DateTime.Now));
        Estate.Map(new VisitMapping(2, "2", Label: null, "ONLINE", DateTime.Now));
        using var rejected = Create(x => x is 3 or 4 or 5, http => http.Response.StatusCode = 422);
        using var refused = Create(x => x is 6 or 7, http => http.Response.StatusCode = 400);
        using var gone = Estate.OnRequest(x => x is { Operation: Operations.GetVisit, NomisId: 8 }, (http, _) => Task.FromResult(http.Response.StatusCode = 404));
        using var mappedByAnother = Create(x => x is 9, _ => Estate.Map(new VisitMapping(9, "9", Label: null, "ONLINE", DateTime.Now)), takesEffect: true);
        var cuts = 0;
        using var lost = Create(x => x is 10, http =>
        {
            if (Interlocked.Increment(ref cuts) == 1)
                http.Abort();
        }, takesEffect: true);
        using var lostEachTime = Create(x => x is 11, http => http.Abort(), takesEffect: true);

        _runId = (string)(await Host.MigrateAsync())["id"]!;
        await Runs.AssertBalancedAsync(World, Host, _runId);
        _progress = await Host.ProgressAsync(_runId);
        _createdForNine = Estate.Visit(9).Records.Single().Reference; // another test empties the estate
    }

    [Test]
    public void Should_count_each_record_once_and_by_its_end()
    {
        var counts = _progress["counts"]!.AsObject().ToDictionary(x => x.Key, x => (long)x.Value!);

        Assert.Multiple(() =>
        {
            Assert.That(counts, Is.EquivalentTo(new Dictionary<string, long>
            {
                ["Pending"] = 0,
                ["Claimed"] = 0,
                ["MappingPending"] = 0,
                ["Migrated"] = 10,
                ["AlreadyMapped"] = 2,
                ["Rejected"] = 3,
                ["Duplicate"] = 1,
                ["Failed"] = 4,
            }));
            Assert.That((long)_progress["found"]!, Is.EqualTo(counts.Values.Sum()));
            Assert.That((long)_progress["possibleDuplicates"]!, Is.EqualTo(2));
        });
    }

    [Test]
    public void Should_name_the_cause_of_each_record_that_was_not_migrated()
    {
        var reasons = _progress["reasons"]!.AsArray().Select(x => ((string?)x!["state"], (string?)x["reason"], (long)x["count"]!));

        Assert.That(reasons, Is.EquivalentTo(new[]
        {
            ("Rejected", "refused by the visit scheduler", 3L), ("Failed", "visits: 400 at create", 2L), ("Failed", "no longer in NOMIS", 1L), ("Failed", "visits: no answer at create", 1L),
            ("Duplicate", "mapped by another meanwhile", 1L),
        }));
    }

    [Test]
    public void Should_say_where_the_run_stands() => Assert.Multiple(() =>
    {
        Assert.That(((string?)_progress["migrationId"], (string?)_progress["migrationType"], (string?)_progress["status"], (string?)_progress["state"]),
            Is.EqualTo((_runId, "VISITS", "COMPLETED", "Completed")));
        Assert.That(_progress["pages"]!.ToJsonString(), Is.EqualTo("""{"open":0,"reported":4,"lastError":null}""")); // 0, 1, and page 1 once more, which was full: then 2
        Assert.That((long)_progress["estimatedRecordCount"]!, Is.EqualTo(20));
        Assert.That((double)_progress["recordsPerSecond"]!, Is.GreaterThan(0));
        Assert.That((double)_progress["secondsLeft"]!, Is.Zero);
        Assert.That((DateTime)_progress["whenEnded"]!, Is.GreaterThanOrEqualTo((DateTime)_progress["whenStarted"]!));
    });

    [Test]
    public async Task Should_list_failures_page_by_page()
    {
        var all = await RecordsAsync("");
        var pages = (await RecordsAsync("?page=0&size=3")).Concat(await RecordsAsync("?page=1&size=3")).Concat(await RecordsAsync("?page=2&size=3")).ToArray();

        Assert.Multiple(async () =>
        {
            Assert.That(all.Select(x => (string?)x["id"]), Is.EquivalentTo(new[] { "3", "4", "5", "6", "7", "8", "9", "10", "11" })); // 10 is migrated, and may be there twice
            Assert.That(pages.Select(x => x.ToJsonString()), Is.EqualTo(all.Select(x => x.ToJsonString())));
            Assert.That(await RecordsAsync("?page=3&size=3"), Is.Empty);
        });
    }

    [Test]
    public async Task Should_say_of_each_failure_what_is_known_of_it()
    {
        var records = (await RecordsAsync("")).ToDictionary(x => (string)x["id"]!);

        Assert.Multiple(() =>
        {
            Assert.That(((string?)records["6"]["state"], (string?)records["6"]["reason"], (int)records["6"]["attempts"]!), Is.EqualTo(("Failed", "visits: 400 at create", 1)));
            Assert.That((string?)records["6"]["lastError"], Is.EqualTo("visits answered 400"));
            Assert.That(((string?)records["9"]["state"], (string?)records["9"]["existingId"], (string?)records["9"]["targetId"]),
                Is.EqualTo(("Duplicate", "9", _createdForNine)));
            Assert.That(((string?)records["10"]["state"], (bool)records["10"]["possibleDuplicate"]!, (int)records["10"]["attempts"]!), Is.EqualTo(("Migrated", true, 2)));
            Assert.That(((string?)records["11"]["state"], (bool)records["11"]["possibleDuplicate"]!), Is.EqualTo(("Failed", true)));
            Assert.That(records.Values.Where(x => (bool)x["mayBeInDps"]!).Select(x => (string?)x["id"]), Is.EqualTo(new[] { "11" }));
        });
    }

    [TestCase("page=-1")]
    [TestCase("size=0")]
    [TestCase("size=1001")]
    [TestCase("size=banana")]
    [TestCase("page=99999999999")]
    public async Task Should_refuse_a_page_out_of_bounds(string query)
    {
        using var response = await Host.Operator.GetAsync($"/migrate/history/{_runId}/failures?{query}");

        Assert.That((response.StatusCode, (int)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["status"]!), Is.EqualTo((HttpStatusCode.BadRequest, 400)));
    }

    // The estate is asked about what the first run made of it.
    public override void ResetEstate()
    {
    }

    async Task<JsonObject[]> RecordsAsync(string query) =>
        [.. (await Host.GetAsync($"/migrate/history/{_runId}/failures{query}"))["records"]!.AsArray().Select(x => x!.AsObject())];

    IDisposable Create(Func<long?, bool> isMeant, Action<HttpContext> answer, bool takesEffect = false) =>
        Estate.OnRequest(x => x.Operation == Operations.MigrateVisit && isMeant(x.NomisId), async (http, takeEffect) =>
        {
            if (takesEffect)
                await takeEffect();
            answer(http);
        });
}
