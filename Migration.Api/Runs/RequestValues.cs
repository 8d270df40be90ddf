using Migration.Api.Errors;
using Migration.Contracts;
using Migration.Sagas.Domains;

namespace Migration.Api.Runs;

/// <summary>Values of paths and queries, with errors that say what would be right.</summary>
static class RequestValues
{
    const int MaxPage = 1000;

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
        return LocalDateTimeJson.TryParse(text, out var value)
            ? value
            : throw InvalidRequestException.Argument($"{name} must be a local date-time such as 2026-01-31T09:00:00");
    }

    /// <summary>A page's number, from 0, and its size, from 1 to 1,000; 100 unless told.</summary>
    /// <exception cref="InvalidRequestException">Out of range.</exception>
    public static (int Number, int Size) Page(int? page, int? size) => (page ?? 0, size ?? 100) is var (number, length) && number >= 0 && length is >= 1 and <= MaxPage
        ? (number, length)
        : throw InvalidRequestException.Validation($"page must be 0 or more and size from 1 to {MaxPage}");
}
