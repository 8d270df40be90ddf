using System.Globalization;

namespace Migration.Simulator.Contracts;

/// <summary>Local date-times as Java reads them: ISO, seconds and fractions optional, no offset.</summary>
internal static class LocalDateTimes
{
    private static readonly string[] Formats = ["yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss.FFFFFFF"];

    public static bool TryParse(string text, out DateTime time) =>
        DateTime.TryParseExact(text, Formats[0], CultureInfo.InvariantCulture, DateTimeStyles.None, out time)
        || DateTime.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    public static DateTime Parse(string text) =>
        TryParse(text, out var time) ? time : throw new FormatException($"'{text}' is not a local date-time.");
}
