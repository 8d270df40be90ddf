using System.Diagnostics;
using Migration.Local.Parts;
using Spectre.Console;

namespace Migration.Local.Runs;

/// <summary>One migration of visits: started, watched, reconciled.</summary>
static class MigrationRun
{
    public static async Task<IReport> ExecuteAsync(LocalEnvironment environment, Operator operations, LocalOptions options, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var trafficBefore = await operations.CountTrafficAsync(cancellationToken);
        var watch = Stopwatch.StartNew();
        var run = await operations.StartAsync(cancellationToken);
        console.MarkupLineInterpolated($"Migration [bold]{run.MigrationId}[/]: {run.EstimatedCount} visits");
        var progress = await environment.KillPodsWhileAsync(options.KillEvery, () => ProgressDisplay.WatchAsync(console, operations, run, options.Json, cancellationToken), cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        var traffic = await operations.CountTrafficAsync(cancellationToken) - trafficBefore;
        var before = new List<ListedRecord>();
        foreach (var earlier in await operations.ListRunsAsync(cancellationToken))
        {
            if (earlier.MigrationId != run.MigrationId)
                before.AddRange(await operations.ListFailuresAsync(earlier.MigrationId, cancellationToken));
        }
        return RunReconciliation.Of(progress, await operations.ReconcileAsync(cancellationToken), await operations.ListFailuresAsync(run.MigrationId, cancellationToken), before,
            seconds, traffic, environment.PeakMemoryMb());
    }
}
