using System.Text.Json;

namespace Migration.Sagas.Runs.Discovery;

/// <summary>
/// How a run finds the ids of its records: by page number, by last id, by id range, or everything at once (catalogue 6.1).
/// A page is a row with a key of the strategy's own making; reading it yields ids and perhaps further pages.
/// </summary>
public interface IIdDiscovery
{
    /// <summary>Counts what the filter selects and names the pages that the run begins with.</summary>
    Task<DiscoveryStart> StartAsync(JsonElement filter, int pageSize, CancellationToken cancellationToken);

    /// <summary>Reads one page.</summary>
    /// <exception cref="UpstreamException">The source did not answer as it should; the page is read again.</exception>
    Task<DiscoveredPage> ReadAsync(JsonElement filter, int pageSize, string pageKey, CancellationToken cancellationToken);

    /// <summary>
    /// A page to be read once more when all others are reported, because the source has moved on; null when there is none.
    /// Rows that are known are not added twice.
    /// </summary>
    /// <param name="pageKeys">Keys of all pages of the run so far.</param>
    string? LastLook(IReadOnlyCollection<string> pageKeys);
}

/// <param name="Count">Number of records, an estimate.</param>
/// <param name="Pages">Keys of the first pages.</param>
public sealed record DiscoveryStart(long Count, IReadOnlyList<string> Pages);

/// <param name="Keys">Keys of the records of this page.</param>
/// <param name="FollowOn">Keys of pages that this one leads to.</param>
public sealed record DiscoveredPage(IReadOnlyList<string> Keys, IReadOnlyList<string> FollowOn);
