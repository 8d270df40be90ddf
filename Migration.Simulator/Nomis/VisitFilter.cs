using System.Collections.Concurrent;

namespace Migration.Simulator.Nomis;

/// <summary>Filter of <c>GET /visits/ids</c>. Empty lists mean all; times are those of creation, both inclusive.</summary>
public sealed record VisitFilter(IReadOnlyList<string> PrisonIds, IReadOnlyList<string> VisitTypes, DateTime? From, DateTime? To)
{
    public static readonly VisitFilter None = new([], [], null, null);

    internal string Key => $"{string.Join(',', PrisonIds)}|{string.Join(',', VisitTypes)}|{From:O}|{To:O}";
}

/// <summary>Which visits match a filter. By time it is arithmetic; by prison or type the visits are looked through once a filter.</summary>
internal sealed class VisitLists(NomisVisits visits)
{
    private const int FiltersKept = 8;

    private readonly ConcurrentDictionary<string, Lazy<int[]>> _matches = new();

    public (int Total, IEnumerable<long> Ids) Page(VisitFilter filter, int page, int size)
    {
        var first = filter.From is { } from ? visits.FirstIndexFrom(from) : 0;
        var end = filter.To is { } to ? visits.FirstIndexAfter(to) : visits.Count;
        var skipped = (long)page * size;
        if (filter.PrisonIds.Count == 0 && filter.VisitTypes.Count == 0)
        {
            var total = Math.Max(0, end - first);
            var begin = Math.Min(skipped, total);
            return (total, Enumerable.Range(first + (int)begin, (int)Math.Min(size, total - begin)).Select(index => index + 1L));
        }

        var matches = Matches(filter, first, end);
        var start = (int)Math.Min(skipped, matches.Length);
        return (matches.Length, new ArraySegment<int>(matches, start, Math.Min(size, matches.Length - start)).Select(index => index + 1L));
    }

    /// <summary>Rooms of visits after today and within a year, with how many.</summary>
    public IReadOnlyList<(Room Room, long Count)> RoomUsage(VisitFilter filter, DateOnly today)
    {
        var counts = new Dictionary<Room, long>();
        foreach (var id in Page(filter, 0, int.MaxValue).Ids)
        {
            if (visits.Find(id) is { Room: { } room } visit && DateOnly.FromDateTime(visit.Start) is var day && day > today && day < today.AddYears(1))
                counts[room] = counts.GetValueOrDefault(room) + 1;
        }

        return [.. counts.Select(count => (count.Key, count.Value))];
    }

    private int[] Matches(VisitFilter filter, int first, int end)
    {
        if (_matches.Count > FiltersKept)
            _matches.Clear();
        return _matches.GetOrAdd(filter.Key, _ => new Lazy<int[]>(() => Search(filter, first, end))).Value;
    }

    private int[] Search(VisitFilter filter, int first, int end)
    {
        var found = new List<int>();
        for (var index = first; index < end; index++)
        {
            if ((filter.VisitTypes.Count == 0 || filter.VisitTypes.Contains(visits.TypeOf(index)))
                && (filter.PrisonIds.Count == 0 || filter.PrisonIds.Contains(visits.PrisonOf(index))))
            {
                found.Add(index);
            }
        }

        return [.. found];
    }
}
