using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>Failed records are tried again once their cause is gone.</summary>
sealed class Replay_Specs : ServiceFixture
{
    [Test]
    public async Task Should_try_the_failed_records_of_one_cause_again()
    {
        using var visits = new ListedVisits(Estate, 10);
        var runId = await FailedAsync();
        var fingerprint = (string)(await Host.ProgressAsync(runId))["reasons"]!.AsArray().Single(x => (string?)x!["reason"] == "visits: 400 at create")!["fingerprint"]!;

        var (status, replayed) = await ReplayAsync($"/migrate/history/{runId}/failures/replay?fingerprint={Uri.EscapeDataString(fingerprint)}");

        Assert.That((status, replayed), Is.EqualTo((HttpStatusCode.Accepted, 2L)));
        await Eventually.Value(() => Host.HistoryAsync(runId), x => (long)x["recordsMigrated"]! == 9);
        await Runs.AssertBalancedAsync(World, Host, runId);
        Assert.That(((string?)(await Host.HistoryAsync(runId))["status"], (long)(await Host.HistoryAsync(runId))["recordsFailed"]!), Is.EqualTo(("COMPLETED", 1)));
    }

    [Test]
    public async Task Should_try_every_failed_record_again()
    {
        using var visits = new ListedVisits(Estate, 10);
        var runId = await FailedAsync();

        var (_, replayed) = await ReplayAsync($"/migrate/history/{runId}/failures/replay");

        Assert.That(replayed, Is.EqualTo(3));
        await Eventually.Value(() => Host.HistoryAsync(runId), x => (long)x["recordsMigrated"]! == 10);
        await Runs.AssertBalancedAsync(World, Host, runId);
        Assert.That((await ReplayAsync($"/migrate/history/{runId}/failures/replay")).Replayed, Is.Zero);
    }

    [Test]
    public async Task Should_not_replay_a_cancelled_run_or_one_that_there_is_not()
    {
        using var visits = new ListedVisits(Estate, 10);
        using var held = new HeldRequests(Estate, Operations.MigrateVisit);
        var runId = await Host.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived > 0);
        await Host.CancelAsync(runId);

        Assert.That((await ReplayAsync($"/migrate/history/{runId}/failures/replay")).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await ReplayAsync("/migrate/history/2020-01-01T00:00:00/failures/replay")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    /// <summary>A run of ten visits: two were refused by the scheduler, one was not to be found.</summary>
    async Task<string> FailedAsync()
    {
        using var refused = Estate.OnRequest(x => x is { Operation: Operations.MigrateVisit, NomisId: 1 or 2 }, (http, _) => Task.FromResult(http.Response.StatusCode = 400));
        using var gone = Estate.OnRequest(x => x is { Operation: Operations.GetVisit, NomisId: 3 }, (http, _) => Task.FromResult(http.Response.StatusCode = 404));
        var history = await Host.MigrateAsync();
        Assert.That((long)history["recordsFailed"]!, Is.EqualTo(3));
        return (string)history["id"]!;
    }

    async Task<(HttpStatusCode Status, long? Replayed)> ReplayAsync(string path)
    {
        using var response = await Host.Operator.PostAsync(path, content: null);
        return (response.StatusCode, (long?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["replayed"]);
    }
}
