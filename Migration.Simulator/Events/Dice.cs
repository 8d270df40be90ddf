using Migration.Simulator.Nomis;

namespace Migration.Simulator.Events;

/// <summary>A row of random numbers that the seed decides.</summary>
/// <param name="seed">The same row for the same seed.</param>
/// <param name="day">Where in the row to begin: days of one seed are not alike.</param>
internal sealed class Dice(int seed, int day = 0)
{
    private const int Salt = 401;

    private long _thrown = day * 1_000_000_000L;

    /// <summary>From 0 up to, not including, 1.</summary>
    public double Fraction() => Random64.Fraction(seed, ++_thrown, Salt);

    /// <summary>From 0 up to, not including, the limit.</summary>
    public int Below(int limit) => Random64.Below(limit, seed, ++_thrown, Salt);

    public bool Is(double share) => Fraction() < share;

    public T Of<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    public Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Random64.Bits(seed, ++_thrown, Salt));
        BitConverter.TryWriteBytes(bytes[8..], Random64.Bits(seed, ++_thrown, Salt));
        return new Guid(bytes);
    }
}
