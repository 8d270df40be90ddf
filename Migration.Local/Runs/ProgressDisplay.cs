using System.Globalization;
using Spectre.Console;

namespace Migration.Local.Runs;

/// <summary>Watches a run to its end: a bar with rate and time left, or nothing where nobody looks.</summary>
static class ProgressDisplay
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static async Task<RunProgress> WatchAsync(IAnsiConsole console, Operator operations, StartedRun run, bool isQuiet, CancellationToken cancellationToken)
    {
        if (isQuiet)
            return await WatchAsync(operations, run, _ => { }, cancellationToken);
        return await console.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async display =>
            {
                var bar = display.AddTask("visits", maxValue: Math.Max(1, run.EstimatedCount));
                return await WatchAsync(operations, run, progress =>
                {
                    bar.MaxValue = Math.Max(1, Math.Max(progress.Found, progress.EstimatedCount ?? 0));
                    bar.Value = progress.HasEnded ? bar.MaxValue : progress.Done;
                    bar.Description = Describe(progress);
                }, cancellationToken);
            });
    }

    static async Task<RunProgress> WatchAsync(Operator operations, StartedRun run, Action<RunProgress> show, CancellationToken cancellationToken)
    {
        while (true)
        {
            var progress = await operations.ReadProgressAsync(run.MigrationId, cancellationToken);
            show(progress);
            if (progress.HasEnded)
                return progress;
            await Task.Delay(Interval, cancellationToken);
        }
    }

    static string Describe(RunProgress progress)
    {
        var left = progress.SecondsLeft is { } seconds && !progress.HasEnded
            ? " " + TimeSpan.FromSeconds(seconds).ToString(seconds >= 3600 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture) + " left"
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{progress.State} {progress.Done}/{Math.Max(progress.Found, progress.EstimatedCount ?? 0)} {progress.RecordsPerSecond:0}/s{left}");
    }
}
