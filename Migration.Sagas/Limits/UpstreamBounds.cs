namespace Migration.Sagas.Limits;

/// <summary>How many records and changes one process may have under way at an upstream.</summary>
/// <param name="Lowest">However slow the upstream is. At least 1.</param>
/// <param name="Highest">However fast. At least <paramref name="Lowest"/>.</param>
public sealed record UpstreamBounds(int Lowest, int Highest)
{
    /// <summary>Where the database names none.</summary>
    public static readonly UpstreamBounds Default = new(2, 512);
}

/// <summary>What keeps work from going faster.</summary>
public enum LimitedBy
{
    Nothing,

    /// <summary>The highest number that an operator, or the configuration, allows.</summary>
    OwnLimit,

    /// <summary>An upstream that is down, slow, or asked to be left alone.</summary>
    UpstreamHealth,

    /// <summary>A gate.</summary>
    Paused,
}
