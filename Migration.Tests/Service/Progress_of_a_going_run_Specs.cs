using System.Text.Json.Nodes;
using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>What a run shows while its calls are under way.</summary>
sealed class Progress_of_a_going_run_Specs : ServiceFixture
{
    protected override IReadOnlyDictionary<string, string?> Settings => World.PatientCalls();

    [Test]
    public async Task Should_count_what_waits_and_what_is_in_hand_while_it_runs()
    {
        using var visits = new ListedVisits(Estate, 20);
        using var held = new HeldRequests(Estate, Operations.MigrateVisit);
        var runId = await Host.StartRunAsync();
        await Eventually.IsTrue(() => held.Arrived == 20);

        var active = await Host.GetAsync("/migrate/history/active/VISITS");
        var progress = await Host.ProgressAsync(runId);

        Assert.Multiple(() =>
        {
            Assert.That((string?)active["status"], Is.EqualTo("STARTED"));
            Assert.That(((long)active["toBeProcessedCount"]!, (long)active["beingProcessedCount"]!, (long)active["recordsMigrated"]!), Is.EqualTo((0, 20, 0)));
            Assert.That(((long)progress["counts"]!["Claimed"]!, (long)progress["found"]!, progress["secondsLeft"], progress["whenEnded"]), Is.EqualTo((20, 20, (JsonNode?)null, (JsonNode?)null)));
        });
        held.Release();
        await Host.WaitForAsync(runId, "COMPLETED");
    }
}
