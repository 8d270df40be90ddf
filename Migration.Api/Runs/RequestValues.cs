using System.Globalization;
using Migration.Api.Errors;
using Migration.Contracts;

namespace Migration.Api.Runs;

/// <summary>Values of paths and queries, with errors that say what would be right.</summary>
static class RequestValues
{
    static readonly string[] Formats = ["yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ss.FFFFFFF"];

    /// <exception cref="InvalidRequestException">Not one of the enum's names.</exception>
    public static MigrationType Type(string text) => Enum.TryParse<MigrationType>(text, ignoreCase: false, out var type) && Enum.IsDefined(type) && !char.IsDigit(text[0])
        ? type
        : throw InvalidRequestException.Argument("unknown migration type");

    /// <summary>An ISO local date-time; null when absent.</summary>
    /// <exception cref="InvalidRequestException">Not a date-time.</exception>
    public static DateTime? LocalDateTime(string? text, string name)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return DateTime.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var value)
            ? value
            : throw InvalidRequestException.Argument($"{name} must be a local date-time such as 2026-01-31T09:00:00");
    }
}
