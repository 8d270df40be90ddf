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
        using var killing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var killer = options.KillEvery is { } interval ? environment.KillPodsAsync(interval, killing.Token) : Task.CompletedTask;
        console.WriteLine($"Publishing about {options.Events} change events of visits, sentencing adjustments and finance transactions");
        var publishing = day.PublishAsync(cancellationToken);
        await SyncDisplay.WatchAsync(console, day, environment.Addresses.Database, publishing, options.Json, cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        await killing.CancelAsync();
        await killer;

        var traffic = await operations.CountTrafficAsync(cancellationToken) - before;
        return await SyncReconciliation.BuildAsync(operations, day, environment.Addresses.Database, await publishing, seconds, traffic, environment.PeakMemoryMb(), cancellationToken);
    }
}
