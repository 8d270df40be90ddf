using System.Diagnostics;
using System.Text.Json.Nodes;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Local;

/// <summary>The first command of the readme, with every part a process of its own and a Postgres that syncs to disk.</summary>
[Parallelizable] // each has an environment of its own
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class Local_run_Specs : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("migration-local-specs-").FullName;

    [SetUp]
    public async Task Open()
    {
        using var chmod = Process.Start("chmod", ["755", _folder]); // Postgres, which does not run as root, must be able to look into it
        await chmod.WaitForExitAsync();
    }

    [Test]
    public async Task Should_balance_while_upstreams_fail_and_pods_are_killed_and_migrate_nothing_twice_in_what_was_left_up()
    {
        var (first, report) = await LocalRunProcess.RunAsync(_folder, "--visits", "1000", "--pods", "2", "--fail-rate", "0.05", "--kill-every", "5", "--keep");
        var kept = JsonNode.Parse(await File.ReadAllTextAsync(Kept))!;
        int[] processes = [.. kept["Processes"]!.AsArray().SelectMany(x => x!.AsArray()).Select(x => (int)x!["Id"]!)];
        var (again, repeated) = await LocalRunProcess.RunAsync(_folder);
        using var refused = LocalRunProcess.Start(_folder, "--visits", "700");
        var refusedEnd = await refused.EndAsync();
        using var stop = LocalRunProcess.Start(_folder, "--stop");
        await stop.EndAsync();

        Assert.Multiple(() =>
        {
            Assert.That((first, (long)report["source"]!, (long)report["lost"]!), Is.EqualTo((0, 1000L, 0L)), report.ToJsonString());
            Assert.That((double)report["sqsRequestsPer1000"]!, Is.GreaterThan(0));
            Assert.That((double)report["rssMb"]!, Is.InRange(50, 400));
            Assert.That((again, (long)repeated["alreadyMapped"]!, (long)repeated["lost"]!), Is.EqualTo((0, (long)report["mappings"]!, 0L)), repeated.ToJsonString());
            Assert.That((refusedEnd, refused.Output.Replace("\n", "")), // broken into lines as wide as the terminal
                Is.EqualTo((1, "An earlier run is still up, and --visits would not change it: take it down with ./run --stop first.")));
            Assert.That(processes, Has.Length.EqualTo(5), "two of the service, SQS, the estate, Postgres");
            Assert.That(processes.Where(IsAlive), Is.Empty);
            Assert.That(Directory.EnumerateFileSystemEntries(_folder, "migration-*"), Is.Empty);
        });
    }

    [Test]
    public async Task Should_take_everything_down_when_it_is_interrupted()
    {
        using var run = LocalRunProcess.Start(_folder, "--visits", "100000");
        await Eventually.Value(() => Task.FromResult(run.Output), x => x.Contains("100000 visits", StringComparison.Ordinal), TimeSpan.FromMinutes(3));
        int[] processes = [.. Process.GetProcesses().Where(x => Environment(x).Contains(_folder, StringComparison.Ordinal)).Select(x => x.Id)];
        Assert.That(processes, Has.Length.GreaterThanOrEqualTo(5));

        using (var interrupt = Process.Start("kill", ["-INT", $"{run.Id}"]))
            await interrupt.WaitForExitAsync();
        await run.EndAsync();

        Assert.That(processes.Where(IsAlive), Is.Empty);
        Assert.That(Directory.EnumerateFileSystemEntries(_folder, "migration-*"), Is.Empty);
    }

    [Test]
    public async Task Should_agree_in_NOMIS_DPS_and_mappings_after_a_day_of_events_with_failures_and_kills()
    {
        var (exitCode, report) = await LocalRunProcess.RunAsync(_folder, "--sync", "--events", "400", "--rate", "50", "--pods", "2", "--fail-rate", "0.05", "--kill-every", "4");

        Assert.That((exitCode, (long)report["unexplained"]!, (long)report["lanes"]!, (long)report["deadLetters"]!), Is.EqualTo((0, 0L, 0L, 0L)), report.ToJsonString());
    }

    string Kept => Directory.EnumerateFiles(_folder, "migration-local-*.json").Single();

    static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // What a process was started with; Linux alone tells.
    static string Environment(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/environ");
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
        catch (UnauthorizedAccessException)
        {
            return ""; // another user's
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
