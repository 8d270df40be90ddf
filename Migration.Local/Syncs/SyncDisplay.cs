using System.Globalization;
using Spectre.Console;

namespace Migration.Local.Syncs;

/// <summary>Watches events become sagas until nothing moves any more: a table of domains and states, or nothing where nobody looks.</summary>
static class SyncDisplay
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // A message is between its queue and its saga for moments only: what is still twice is still.
    const int StillLooks = 2;

    public static async Task WatchAsync(IAnsiConsole console, EventDay day, string database, Task publishing, bool isQuiet, CancellationToken cancellationToken)
    {
        if (isQuiet)
        {
            await WatchAsync(day, database, publishing, (_, _, _) => { }, cancellationToken);
            return;
        }
        await console.Live(new Table()).StartAsync(async display =>
            await WatchAsync(day, database, publishing, (counts, messages, leftovers) => display.UpdateTarget(ToTable(counts, messages, leftovers)), cancellationToken));
    }

    static async Task WatchAsync(EventDay day, string database, Task publishing, Action<IReadOnlyList<SyncCount>, int, SyncLeftovers> show, CancellationToken cancellationToken)
    {
        var still = 0;
        while (still < StillLooks)
        {
            if (publishing.IsFaulted)
                await publishing;
            var messages = await day.CountMessagesAsync(cancellationToken);
            var counts = await day.CountAsync(cancellationToken);
            var leftovers = await SyncLeftovers.ReadAsync(database, cancellationToken);
            show(counts, messages, leftovers);
            // What a call of unknown end may have left behind is looked for minutes later: until then nobody can say that it balances.
            still = publishing.IsCompleted && messages == 0 && EventDay.CountMoving(counts) == 0 && leftovers.Doubts == 0 ? still + 1 : 0;
            await Task.Delay(Interval, cancellationToken);
        }
    }

    static Table ToTable(IReadOnlyList<SyncCount> counts, int messages, SyncLeftovers leftovers)
    {
        var domains = counts.Select(x => x.Domain).Distinct().Order(StringComparer.Ordinal).ToList();
        var table = new Table().Title("Syncs").AddColumn("state");
        foreach (var domain in domains)
            table.AddColumn(new TableColumn(domain).RightAligned());
        foreach (var state in counts.GroupBy(x => x.State).OrderBy(x => x.Key, StringComparer.Ordinal))
            table.AddRow([state.Key, .. domains.Select(domain => Text(state.Where(x => x.Domain == domain).Sum(x => x.Count)))]);
        return table.Caption($"{Text(messages)} messages on queues, {Text(leftovers.Doubts)} calls of unknown end to be looked at");
    }

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
