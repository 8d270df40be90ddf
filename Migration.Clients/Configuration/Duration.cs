using System.Globalization;

namespace Migration.Clients.Configuration;

/// <summary>Durations as configuration writes them: <c>500ms</c>, <c>60s</c>, <c>2m</c>, <c>1h</c>, or <c>00:01:00</c>.</summary>
internal static class Duration
{
    /// <summary>A number without a unit is refused: Spring reads it as milliseconds, .NET as days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        text = text.Trim();
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);

        duration = default;
        var unit = text.TrimStart("0123456789.".ToCharArray());
        if (!double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;

        TimeSpan? one = unit switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            _ => null,
        };
        if (one is null)
            return false;
        duration = one.Value * number;
        return true;
    }
}
