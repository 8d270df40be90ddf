using System.Globalization;
using System.Text.Json;

namespace Migration.Sagas.Runs.Discovery;

/// <summary>
/// Pages that each begin where the one before ended, by the last id of the source. The source does not say how many records
/// there are, so the count at the start is 0. The last page is read once more at the end, because the source has moved on.
/// </summary>
/// <param name="read">The ids after a last id: last id (0 for the first page), size.</param>
public sealed class LastIdDiscovery(Func<long, int, CancellationToken, Task<IdPage>> read) : IIdDiscovery
{
    const string Again = "/again";

    public Task<DiscoveryStart> StartAsync(JsonElement filter, int pageSize, CancellationToken cancellationToken) => Task.FromResult(new DiscoveryStart(0, [Key(0)]));

    public async Task<DiscoveredPage> ReadAsync(JsonElement filter, int pageSize, string pageKey, CancellationToken cancellationToken)
    {
        var page = await read(LastId(pageKey), pageSize, cancellationToken);
        if (page.IsLast)
            return new DiscoveredPage(page.Keys, []);
        var next = Key(page.LastId);
        return new DiscoveredPage(page.Keys, [pageKey.EndsWith(Again, StringComparison.Ordinal) ? next + Again : next]);
    }

    public string? LastLook(IReadOnlyCollection<string> pageKeys) => pageKeys.Count == 0 || pageKeys.Any(x => x.EndsWith(Again, StringComparison.Ordinal))
        ? null
        : Key(pageKeys.Max(LastId)) + Again;

    static string Key(long lastId) => lastId.ToString(CultureInfo.InvariantCulture);

    static long LastId(string pageKey) => long.Parse(pageKey.Split('/')[0], CultureInfo.InvariantCulture);
}

/// <param name="Keys">Keys of the records.</param>
/// <param name="LastId">Where the next page begins.</param>
/// <param name="IsLast">There is no next page.</param>
public sealed record IdPage(IReadOnlyList<string> Keys, long LastId, bool IsLast);
