using System.Globalization;
using System.Text.Json;

namespace Migration.Sagas.Runs.Discovery;

/// <summary>
/// Numbered pages over live data. The number of pages is fixed by the count at the start; a page beyond it is followed
/// for as long as pages come back full, and the last one is read once more at the end, because records that were made
/// meanwhile stand there.
/// </summary>
/// <param name="count">Total of the filter (one call with page 0 and size 1).</param>
/// <param name="read">Ids of a page: filter, number from 0, size.</param>
public sealed class PageNumberDiscovery(
    Func<JsonElement, CancellationToken, Task<long>> count,
    Func<JsonElement, int, int, CancellationToken, Task<IReadOnlyList<string>>> read) : IIdDiscovery
{
    const string Again = "/again";

    public async Task<DiscoveryStart> StartAsync(JsonElement filter, int pageSize, CancellationToken cancellationToken)
    {
        var total = await count(filter, cancellationToken);
        var pages = (total + pageSize - 1) / pageSize;
        return new DiscoveryStart(total, [.. Enumerable.Range(0, checked((int)pages)).Select(x => Key(x))]);
    }

    public async Task<DiscoveredPage> ReadAsync(JsonElement filter, int pageSize, string pageKey, CancellationToken cancellationToken)
    {
        var number = Number(pageKey);
        var keys = await read(filter, number, pageSize, cancellationToken);
        // Every other page knows its successor from the count; only the last look goes past it.
        var isFollowed = pageKey.EndsWith(Again, StringComparison.Ordinal) && keys.Count >= pageSize;
        return new DiscoveredPage(keys, isFollowed ? [Key(number + 1) + Again] : []);
    }

    public string? LastLook(IReadOnlyCollection<string> pageKeys) => pageKeys.Count == 0 || pageKeys.Any(x => x.EndsWith(Again, StringComparison.Ordinal))
        ? null
        : Key(pageKeys.Max(Number)) + Again;

    static string Key(int number) => number.ToString(CultureInfo.InvariantCulture);

    static int Number(string pageKey) => int.Parse(pageKey.Split('/')[0], CultureInfo.InvariantCulture);
}
