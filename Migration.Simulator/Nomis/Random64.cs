namespace Migration.Simulator.Nomis;

/// <summary>Random bits that depend on nothing but their numbers (SplitMix64).</summary>
internal static class Random64
{
    public static ulong Bits(long seed, long index, int salt)
    {
        var bits = unchecked(((ulong)seed * 0x9E3779B97F4A7C15UL) ^ ((ulong)index * 0xD1B54A32D192ED03UL) ^ ((ulong)salt * 0x8CB92BA72F3D8DD7UL));
        bits = unchecked((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9UL);
        bits = unchecked((bits ^ (bits >> 27)) * 0x94D049BB133111EBUL);
        return bits ^ (bits >> 31);
    }

    /// <summary>From 0 up to, not including, 1.</summary>
    public static double Fraction(long seed, long index, int salt) => (Bits(seed, index, salt) >> 11) * (1.0 / (1UL << 53));

    /// <summary>From 0 up to, not including, the limit.</summary>
    public static int Below(int limit, long seed, long index, int salt) => (int)(Bits(seed, index, salt) % (ulong)limit);
}
