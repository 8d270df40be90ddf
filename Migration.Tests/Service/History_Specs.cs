using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Migration.Tests.Service;

/// <summary>History and active view over four runs (spec: visits V-95 to V-97, engine 12.7).</summary>
sealed class History_Specs : ServiceFixture
{
    const string First = "2020-01-01T00:00:00";
    const string Second = "2020-01-02T00:00:00";
    const string Third = "2020-01-02T02:00:00";
    const string Fourth = "2020-01-03T02:00:00";

    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?> { ["Engine:KeepEndedRuns"] = "36500.00:00:00" };

    // Its runs are counters without records.
    protected override Task CheckInvariantsAsync() => Task.CompletedTask;

    [SetUp]
    public async Task InsertRuns()
    {
        await World.ExecuteAsync("delete from migration.runs; delete from migration.run_pages; delete from migration.run_counters");
        await InsertAsync(First, "HEI", failures: 7);
        await InsertAsync(Second, "WWI", failures: 0);
        await InsertAsync(Third, "BXI", failures: 0);
        await InsertAsync(Fourth, "BXI", failures: 7);
    }

    [TestCase("", Fourth, Third, Second, First, TestName = "V-95: newest first")]
    [TestCase("fromDateTime=2020-01-02T02:00:00", Fourth, Third, TestName = "V-96: from, inclusive")]
    [TestCase("fromDateTime=2020-01-02T02:00", Fourth, Third, TestName = "from without seconds")]
    [TestCase("toDateTime=2020-01-02T00:00:00", Second, First, TestName = "V-96: to, inclusive")]
    [TestCase("fromDateTime=2020-01-03T01:59:59&toDateTime=2020-01-03T02:00:01", Fourth, TestName = "V-96: both")]
    [TestCase("includeOnlyFailures=true", Fourth, First, TestName = "V-97: only failures")]
    [TestCase("includeOnlyFailures=false", Fourth, Third, Second, First, TestName = "failures and others")]
    [TestCase("prisonId=WWI", Second, TestName = "V-97: one prison")]
    [TestCase("prisonId=BXI&includeOnlyFailures=true", Fourth, TestName = "one prison and only failures")]
    [TestCase("prisonId=%25", TestName = "a wildcard is a text as any other")]
    public async Task Should_list(string query, params string[] expected) // engine 53 to 58
    {
        using var response = await Host.Operator.GetAsync($"/migrate/history/all/VISITS?{query}");

        var listed = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsArray();
        Assert.That(listed.Select(x => (string?)x!["migrationId"]), Is.EqualTo(expected));
    }

    [Test]
    public async Task Should_list_only_runs_of_exactly_that_prison()
    {
        await InsertAsync("2020-01-04T00:00:00", "WWI\",\"LEI", failures: 0);

        using var response = await Host.Operator.GetAsync("/migrate/history/all/VISITS?prisonId=WWI");

        Assert.That(JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsArray().Select(x => (string?)x!["id"]), Is.EqualTo(new[] { Second }));
    }

    [Test]
    public async Task Should_get_one() // engine 59
    {
        var history = await Host.HistoryAsync(First);

        Assert.That(history.ToJsonString(), Is.EqualTo(
            $$"""{"migrationId":"{{First}}","whenStarted":"{{First}}","whenEnded":"2020-01-01T01:00:00","estimatedRecordCount":12,"recordsMigrated":5,"recordsFailed":7,"filter":"{\u0022prisonIds\u0022:[\u0022HEI\u0022],\u0022visitTypes\u0022:[\u0022SCON\u0022],\u0022ignoreMissingRoom\u0022:false}","migrationType":"VISITS","status":"COMPLETED","id":"{{First}}"}"""));
    }

    [Test]
    public async Task Should_show_times_as_the_clock_in_England_shows_them()
    {
        await InsertAsync("2020-07-01T10:00:00", "MDI", failures: 0);

        Assert.That((string?)(await Host.HistoryAsync("2020-07-01T10:00:00"))["whenStarted"], Is.EqualTo("2020-07-01T10:00:00"));
        Assert.That(await World.ReadAsync<DateTime>("select started_at at time zone 'UTC' from migration.runs where run_id = '2020-07-01T10:00:00'"), Is.EqualTo(new DateTime(2020, 7, 1, 9, 0, 0)));
    }

    [TestCase("/migrate/history/2019-01-01T00:00:00")]
    [TestCase("/migrate/history/2019-01-01T00:00:00/progress")]
    [TestCase("/migrate/history/2019-01-01T00:00:00/failures")]
    [TestCase("/migrate/history/banana")]
    public async Task Should_not_find_a_run_that_there_is_not(string path) => await AssertRefusedAsync(path, HttpStatusCode.NotFound, "Not Found: " + path.Split('/')[3]);

    [TestCase("/migrate/history/all/VISITS?fromDateTime=202-10-01T09:00:00", "Invalid Argument: fromDateTime must be a local date-time such as 2026-01-31T09:00:00")] // engine 63
    [TestCase("/migrate/history/all/VISITS?toDateTime=2020-02-30T09:00:00", "Invalid Argument: toDateTime must be a local date-time such as 2026-01-31T09:00:00")]
    [TestCase("/migrate/history/all/VISITS?toDateTime=2020-01-01T09:00:00Z", "Invalid Argument: toDateTime must be a local date-time such as 2026-01-31T09:00:00")]
    [TestCase("/migrate/history/all/BANANAS", "Invalid Argument: unknown migration type")]
    [TestCase("/migrate/history/all/15", "Invalid Argument: unknown migration type")]
    [TestCase("/migrate/history/all/VISITS?includeOnlyFailures=banana", "Invalid Argument: Failed to bind parameter \"Nullable<bool> includeOnlyFailures\" from \"banana\".")]
    [TestCase("/migrate/history/active/visits", "Invalid Argument: unknown migration type")]
    public async Task Should_refuse_a_malformed_parameter(string path, string message) => await AssertRefusedAsync(path, HttpStatusCode.BadRequest, message);

    [Test]
    public async Task Should_show_the_newest_run_as_the_active_one() // engine 61
    {
        var active = await Host.GetAsync("/migrate/history/active/VISITS");

        Assert.That(active.ToJsonString(), Is.EqualTo(
            $$"""{"migrationId":"{{Fourth}}","whenStarted":"{{Fourth}}","recordsMigrated":5,"toBeProcessedCount":0,"beingProcessedCount":0,"recordsFailed":7,"estimatedRecordCount":12,"migrationType":"VISITS","status":"COMPLETED"}"""));
    }

    [TestCase("VISITS", TestName = "engine 60: a type that never ran")]
    [TestCase("OFFICIAL_VISITS", TestName = "a type of another service")]
    public async Task Should_show_nothing_where_nothing_ran(string type)
    {
        await World.ExecuteAsync("delete from migration.runs; delete from migration.run_pages");

        var active = await Host.GetAsync($"/migrate/history/active/{type}");
        using var all = await Host.Operator.GetAsync($"/migrate/history/all/{type}");

        Assert.That(active.Select(x => x.Key), Is.EqualTo(new[]
        {
            "migrationId", "whenStarted", "recordsMigrated", "toBeProcessedCount", "beingProcessedCount", "recordsFailed", "estimatedRecordCount", "migrationType", "status",
        }));
        Assert.That(active.Select(x => x.Value), Is.All.Null);
        Assert.That(await all.Content.ReadAsStringAsync(), Is.EqualTo("[]"));
    }

    [TestCase("/migrate/cancel/" + First, HttpStatusCode.Accepted)]
    [TestCase("/migrate/refresh/" + First, HttpStatusCode.NoContent)]
    [TestCase("/migrate/resume/" + First, HttpStatusCode.Conflict)]
    public async Task Should_change_nothing_of_an_old_run(string path, HttpStatusCode expected)
    {
        var before = (await Host.HistoryAsync(First)).ToJsonString();

        using var response = await Host.Operator.PostAsync(path, content: null);

        Assert.That((response.StatusCode, (await Host.HistoryAsync(First)).ToJsonString()), Is.EqualTo((expected, before)));
    }

    async Task AssertRefusedAsync(string path, HttpStatusCode status, string? message)
    {
        using var response = await Host.Operator.GetAsync(path);

        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.That((response.StatusCode, (int)error["status"]!, (string?)error["userMessage"]), Is.EqualTo((status, (int)status, message)));
    }

    /// <summary>A completed run that began at the time its id names, in England, with five migrated records.</summary>
    async Task InsertAsync(string runId, string prisonId, long failures)
    {
        var local = DateTime.Parse(runId, CultureInfo.InvariantCulture);
        await World.ExecuteAsync(
            """
            insert into migration.runs (run_id, correlation_id, domain, state, filter, estimated_count, started_at, ended_at, started_by, check_no)
            values ($1, gen_random_uuid(), 'visits', 'Completed', $2, $3, $4 at time zone 'Europe/London', $4 at time zone 'Europe/London' + interval '1 hour', 'operator', 0)
            """,
            runId, $$"""{"prisonIds":["{{prisonId}}"],"visitTypes":["SCON"],"ignoreMissingRoom":false}""", 5 + failures, local);
        await World.ExecuteAsync("insert into migration.run_counters (run_id, slot, state, n) values ($1, 'a', 'Migrated', 6), ($1, 'b', 'Migrated', -1), ($1, 'a', 'Failed', $2)", runId, failures);
    }
}
