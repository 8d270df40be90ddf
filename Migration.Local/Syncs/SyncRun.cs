using System.Diagnostics;
using Migration.Local.Parts;
using Spectre.Console;

namespace Migration.Local.Syncs;

/// <summary>A day's changes of NOMIS: published, watched until nothing moves any more, reconciled.</summary>
static class SyncRun
{
    public static async Task<IReport> ExecuteAsync(LocalEnvironment environment, Operator operations, LocalOptions options, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var day = new EventDay(operations, options);
        var before = await operations.CountTrafficAsync(cancellationToken);
        var watch = Stopwatch.StartNew();
        console.WriteLine($"Publishing about {options.Events} change events of visits, sentencing adjustments and finance transactions");
        var publishing = day.PublishAsync(cancellationToken);
        var seconds = await environment.KillPodsWhileAsync(options.KillEvery, async () =>
        {
            await SyncDisplay.WatchAsync(console, day, environment.Addresses.Database, publishing, options.Json, cancellationToken);
            return watch.Elapsed.TotalSeconds;
        }, cancellationToken);

        var traffic = await operations.CountTrafficAsync(cancellationToken) - before;
        return await SyncReconciliation.BuildAsync(operations, day, environment.Addresses.Database, await publishing, seconds, traffic, environment.PeakMemoryMb(), cancellationToken);
    }
}
