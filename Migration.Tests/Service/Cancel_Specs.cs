using System.Net;
using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>Cancel, resume, refresh (spec: engine 1.12, 12.6, with what docs/parity.md changes).</summary>
sealed class Cancel_Specs : ServiceFixture
{
    const int InHand = 4;

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(World.PatientCalls()) { ["Engine:RecordConcurrency"] = $"{InHand}" };

    [Test]
    public async Task Should_not_find_a_migration_that_there_is_not() => Assert.Multiple(async () => // engine 44, 50
    {
        foreach (var what in (string[])["cancel", "resume", "refresh"])
        {
            using var response = await Host.Operator.PostAsync($"/migrate/{what}/2020-01-01T00:00:00", content: null);
            Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.NotFound,
                """{"status":404,"errorCode":null,"userMessage":"Not Found: 2020-01-01T00:00:00","developerMessage":"2020-01-01T00:00:00","moreInfo":null}""")), what);
        }
    });

    [Test]
    public async Task Should_let_what_is_in_hand_end_and_begin_nothing_more() // engine 45
    {
        using var visits = new ListedVisits(Estate, 60);
        using var held = new HeldRequests(Estate, Operations.MigrateVisit);
        var runId = await Host.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == InHand);

        var answer = await Host.CancelAsync(runId);
        var status = (string?)(await Host.HistoryAsync(runId))["status"];
        held.Release();
        var history = await Host.WaitForAsync(runId, "CANCELLED", TimeSpan.FromSeconds(5));

        await Runs.AssertBalancedAsync(World, Host, runId, isCancelled: true);
        var cancelled = await Host.Telemetry.WaitForAsync(runId, "visits-migration-cancelled");
        await Eventually.IsTrue(() => World.Sqs.Broker.Depths.Where(x => x.Name.StartsWith("visits-migration-")).All(x => x is { Visible: 0, InFlight: 0 })); // nor later
        Assert.Multiple(() =>
        {
            Assert.That((answer, status), Is.EqualTo((HttpStatusCode.Accepted, "CANCELLED_REQUESTED")));
            Assert.That((held.Arrived, Estate.RequestsOf(Operations.MigrateVisit), Estate.RequestsOf(Operations.CreateVisitMapping)), Is.EqualTo((InHand, InHand, InHand)));
            Assert.That((long)history["recordsMigrated"]!, Is.EqualTo(InHand));
            Assert.That(history["whenEnded"], Is.Not.Null);
            Assert.That(Host.Telemetry.NamesOf(runId), Does.Contain("visits-migration-cancel-requested").And.Not.Contain("visits-migration-completed"));
            Assert.That(cancelled.Single(), Is.EquivalentTo(new Dictionary<string, string>
            {
                ["migrationId"] = runId,
                ["estimatedCount"] = "60",
                ["durationMinutes"] = "0", // engine 49
            }));
        });
    }

    [Test]
    public async Task Should_migrate_the_rest_once_each_when_it_is_resumed()
    {
        using var visits = new ListedVisits(Estate, 60);
        var runId = await CancelledAsync();

        var answer = await Host.ResumeAsync(runId);
        var history = await Host.WaitForAsync(runId, "COMPLETED");

        await Runs.AssertBalancedAsync(World, Host, runId);
        Assert.Multiple(() =>
        {
            Assert.That(answer, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That((long)history["recordsMigrated"]!, Is.EqualTo(60));
            Assert.That(Enumerable.Range(1, 60).Select(x => Estate.Visit(x).Records.Count), Is.All.EqualTo(1));
            Assert.That(Estate.RequestsOf(Operations.MigrateVisit), Is.EqualTo(60));
        });
        Assert.That(await World.ReadAsync<long>("select ended_before_resume from migration.runs where run_id = $1", runId), Is.EqualTo(InHand), "its rate is counted from here");
    }

    [Test]
    public async Task Should_stop_a_migration_that_is_still_being_counted()
    {
        using var held = new HeldRequests(Estate, Operations.GetVisitIds);
        var start = Host.PostStartAsync();
        await Eventually.IsTrue(() => held.Arrived == 1);
        var runId = await World.ReadAsync<string>("select run_id from migration.runs where state = 'Estimating'");

        var answer = await Host.CancelAsync(runId!);
        await Host.WaitForAsync(runId!, "CANCELLED", TimeSpan.FromSeconds(5));
        held.Release();
        using var started = await start;

        Assert.That((answer, started.StatusCode), Is.EqualTo((HttpStatusCode.Accepted, HttpStatusCode.Accepted)));
        using var none = new ListedVisits(Estate, 0);
        var next = (string)(await Host.MigrateAsync())["id"]!;
        Assert.That((string?)(await Host.HistoryAsync(runId!))["status"], Is.EqualTo("CANCELLED"), $"after the count came in and {next} has run");
    }

    [Test]
    public async Task Should_write_the_mappings_of_what_was_created_before_it_is_cancelled()
    {
        using var visits = new ListedVisits(Estate, 60);
        using var held = new HeldRequests(Estate, Operations.CreateVisitMapping);
        var runId = await Host.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == InHand);

        await Host.CancelAsync(runId);
        using (Estate.OnRequest(x => x.Operation == Operations.CreateVisitMapping, (http, _) => Task.FromResult(http.Response.StatusCode = 500)))
        {
            held.Dispose();
            Assert.That((string?)(await Host.HistoryAsync(runId))["status"], Is.EqualTo("CANCELLED_REQUESTED"));
        }
        await Host.WaitForAsync(runId, "CANCELLED");

        Assert.That((Estate.RequestsOf(Operations.MigrateVisit), Estate.Reconcile().Unmapped.Count), Is.EqualTo((InHand, 0)));
        await Runs.AssertBalancedAsync(World, Host, runId, isCancelled: true);
    }

    [TestCase("COMPLETED")]
    [TestCase("CANCELLED")]
    public async Task Should_change_nothing_of_a_migration_that_has_ended(string status)
    {
        using var visits = new ListedVisits(Estate, 20);
        var runId = status == "COMPLETED" ? (string)(await Host.MigrateAsync())["id"]! : await CancelledAsync();
        var before = await Host.HistoryAsync(runId);

        var answer = await Host.CancelAsync(runId);

        // the request has reached the saga once the next migration, whose messages are behind it, is complete
        Estate.Reset();
        await Host.MigrateAsync();
        Assert.That(answer, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((await Host.HistoryAsync(runId)).ToJsonString(), Is.EqualTo(before.ToJsonString()));
    }

    [Test]
    public async Task Should_not_resume_a_migration_that_is_complete_or_while_another_runs()
    {
        using var visits = new ListedVisits(Estate, 20);
        var cancelled = await CancelledAsync();
        var completed = (string)(await Host.MigrateAsync())["id"]!;
        using var held = new HeldRequests(Estate, Operations.FindVisitMapping);
        var running = await Host.StartRunAsync();

        Assert.Multiple(async () =>
        {
            Assert.That(await Host.ResumeAsync(completed), Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(await Host.ResumeAsync(running), Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(await Host.ResumeAsync(cancelled), Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That((string?)(await Host.HistoryAsync(cancelled))["status"], Is.EqualTo("CANCELLED"));
        });
        held.Release();
        await Host.WaitForAsync(running, "COMPLETED");
    }

    [Test]
    public async Task Should_refresh_a_complete_migration_only() // engine 51, 52
    {
        using var visits = new ListedVisits(Estate, 5);
        var cancelled = await CancelledAsync();
        var completed = await Host.MigrateAsync();

        using var refused = await Host.Operator.PostAsync($"/migrate/refresh/{cancelled}", content: null);
        using var refreshed = await Host.Operator.PostAsync($"/migrate/refresh/{completed["id"]}", content: null);

        Assert.Multiple(async () =>
        {
            Assert.That((refused.StatusCode, await refused.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.BadRequest,
                $$"""{"status":400,"errorCode":null,"userMessage":"Bad Request: {{cancelled}} is not COMPLETED","developerMessage":"{{cancelled}} is not COMPLETED","moreInfo":null}""")));
            Assert.That((refreshed.StatusCode, await refreshed.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.NoContent, "")));
            Assert.That((await Host.HistoryAsync((string)completed["id"]!)).ToJsonString(), Is.EqualTo(completed.ToJsonString()));
        });
    }

    /// <summary>A run that was cancelled with some records in hand and the others not begun.</summary>
    async Task<string> CancelledAsync()
    {
        using var held = new HeldRequests(Estate, Operations.MigrateVisit);
        var runId = await Host.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == InHand);
        await Host.CancelAsync(runId);
        held.Release();
        await Host.WaitForAsync(runId, "CANCELLED");
        return runId;
    }
}
