using FsCheck;
using FsCheck.Fluent;

namespace Migration.Tests.Syncs;

/// <summary>How the event of a change comes.</summary>
public enum Arrival
{
    /// <summary>At once.</summary>
    Now,
    /// <summary>At once, and again.</summary>
    Twice,
    /// <summary>After the others, and in any order among those that come late.</summary>
    Late,
}

/// <summary>A change of NOMIS and what is known of it.</summary>
/// <param name="Record">Which of a few records: made when it is first named, changed afterwards.</param>
/// <param name="IsRemoval">It is removed, for good.</param>
/// <param name="HasGrace">Others may come in for a moment.</param>
/// <param name="IsAwaited">Nothing else happens before it has ended.</param>
public sealed record Happening(int Record, bool IsRemoval, Arrival Arrival, bool HasGrace, bool IsAwaited);

/// <summary>Changes of a few records, in order; and the seed of all that fails, dies or is doubled on their way.</summary>
public sealed record Story(IReadOnlyList<Happening> Happenings, int Luck)
{
    const int Records = 3;

    static readonly Gen<Happening> AHappening =
        from record in Gen.Choose(0, Records - 1)
        from isRemoval in Gen.Frequency((6, Gen.Constant(false)), (1, Gen.Constant(true)))
        from arrival in Gen.Frequency((4, Gen.Constant(Arrival.Now)), (1, Gen.Constant(Arrival.Twice)), (2, Gen.Constant(Arrival.Late)))
        from hasGrace in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        from isAwaited in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new Happening(record, isRemoval, arrival, hasGrace, isAwaited);

    /// <summary>Stories, and shorter ones that may tell the same.</summary>
    public static Arbitrary<Story> Any { get; } = Arb.From(
        from length in Gen.Choose(2, 8)
        from happenings in AHappening.ArrayOf(length)
        from luck in Gen.Choose(0, int.MaxValue)
        select new Story(happenings, luck),
        story => Enumerable.Range(0, story.Happenings.Count).Where(_ => story.Happenings.Count > 1)
            .Select(x => story with { Happenings = [.. story.Happenings.Where((_, i) => i != x)] }));

    public override string ToString() => $"luck {Luck}: {string.Join("; ", Happenings)}";
}

/// <summary>Decides by the story's seed what goes wrong; nothing does once it is over.</summary>
public sealed class Luck(int seed)
{
    readonly Lock _lock = new();
    readonly Random _random = new(seed);

    public bool IsOver { get; set; }

    /// <summary>True so many times in a hundred.</summary>
    public bool Strikes(int percent)
    {
        lock (_lock)
            return !IsOver && _random.Next(100) < percent;
    }

    public int Next(int below)
    {
        lock (_lock)
            return _random.Next(below);
    }
}
