namespace Migration.Simulator.Visits;

/// <summary>
/// References of visits such as <c>v9-d7-ed-7u</c>: the number of the record, scattered over eight characters of base 36.
/// Both ways are arithmetic, so references need not be stored.
/// </summary>
internal static class References
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const ulong Range = 2_821_109_907_456; // 36 to the power of 8
    private const ulong Factor = 1_734_205_183_913; // odd and no multiple of 3, so it has an inverse

    private static readonly ulong Inverse = InverseOf(Factor);

    public static string Of(int number)
    {
        var code = (ulong)((UInt128)((ulong)number + 1) * Factor % Range);
        return string.Create(11, code, static (text, rest) =>
        {
            for (var i = 10; i >= 0; i--)
            {
                if (i % 3 == 2)
                {
                    text[i] = '-';
                    continue;
                }

                text[i] = Digits[(int)(rest % 36)];
                rest /= 36;
            }
        });
    }

    /// <summary>Null for what is no reference of ours.</summary>
    public static int? NumberOf(string reference)
    {
        if (reference.Length != 11)
            return null;
        ulong code = 0;
        for (var i = 0; i < 11; i++)
        {
            if (i % 3 == 2)
            {
                if (reference[i] != '-')
                    return null;
                continue;
            }

            var digit = Digits.IndexOf(reference[i], StringComparison.Ordinal);
            if (digit < 0)
                return null;
            code = (code * 36) + (ulong)digit;
        }

        var number = (ulong)((UInt128)code * Inverse % Range);
        return number is >= 1 and <= int.MaxValue ? (int)number - 1 : null;
    }

    private static ulong InverseOf(ulong factor)
    {
        Int128 previous = 0, current = 1, remainder = Range, divisor = factor;
        while (divisor != 0)
        {
            var quotient = remainder / divisor;
            (remainder, divisor) = (divisor, remainder - (quotient * divisor));
            (previous, current) = (current, previous - (quotient * current));
        }

        return remainder == 1
            ? (ulong)((previous + (Int128)Range) % (Int128)Range)
            : throw new InvalidOperationException("The factor has no inverse.");
    }
}
