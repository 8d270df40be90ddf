using System.Globalization;
using Spectre.Console;

namespace Migration.Local.Syncs;

/// <summary>Watches events become sagas until nothing moves any more: a table of domains and states, or nothing where nobody looks.</summary>
static class SyncDisplay
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // A message is between its queue and its saga for moments only: what is still twice is still.
    const int StillLooks = 2;

    public static async Task WatchAsync(IAnsiConsole console, EventDay day, Task publishing, bool isQuiet, CancellationToken cancellationToken)
    {
        if (isQuiet)
        {
            await WatchAsync(day, publishing, (_, _) => { }, cancellationToken);
            return;
        }
        await console.Live(new Table()).StartAsync(async display =>
            await WatchAsync(day, publishing, (counts, messages) => display.UpdateTarget(ToTable(counts, messages)), cancellationToken));
    }

    static async Task WatchAsync(EventDay day, Task publishing, Action<IReadOnlyList<SyncCount>, int> show, CancellationToken cancellationToken)
    {
        var still = 0;
        while (still < StillLooks)
        {
            if (publishing.IsFaulted)
                await publishing;
            var messages = await day.CountMessagesAsync(cancellationToken);
            var counts = await day.CountAsync(cancellationToken);
            show(counts, messages);
            still = publishing.IsCompleted && messages == 0 && EventDay.CountMoving(counts) == 0 ? still + 1 : 0;
            await Task.Delay(Interval, cancellationToken);
        }
    }

    static Table ToTable(IReadOnlyList<SyncCount> counts, int messages)
    {
        var domains = counts.Select(x => x.Domain).Distinct().Order(StringComparer.Ordinal).ToList();
        var table = new Table().Title("Syncs").AddColumn("state");
        foreach (var domain in domains)
            table.AddColumn(new TableColumn(domain).RightAligned());
        foreach (var state in counts.GroupBy(x => x.State).OrderBy(x => x.Key, StringComparer.Ordinal))
            table.AddRow([state.Key, .. domains.Select(domain => Text(state.Where(x => x.Domain == domain).Sum(x => x.Count)))]);
        return table.Caption($"{Text(messages)} messages on queues");
    }

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
