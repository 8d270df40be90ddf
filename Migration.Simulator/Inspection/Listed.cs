namespace Migration.Simulator.Inspection;

/// <summary>Ids or references: how many there are, and the first of them.</summary>
public sealed record Listed<T>(int Count, IReadOnlyList<T> First);

/// <summary>Makes <see cref="Listed{T}"/>.</summary>
internal static class Listed
{
    public const int Limit = 1000;

    public static Listed<T> Of<T>(IEnumerable<T> items, int limit = Limit)
    {
        var all = items.ToList();
        return new Listed<T>(all.Count, [.. all.Take(limit)]);
    }
}
