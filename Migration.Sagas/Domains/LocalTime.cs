using System.Globalization;

namespace Migration.Sagas.Domains;

/// <summary>England's wall clock: NOMIS times are local and carry no zone, and so do migration ids.</summary>
public sealed class LocalTime(TimeProvider time)
{
    static readonly TimeZoneInfo England = TimeZoneInfo.FindSystemTimeZoneById("Europe/London");

    public DateTime Now => TimeZoneInfo.ConvertTime(time.GetUtcNow(), England).DateTime;

    public DateOnly Today => DateOnly.FromDateTime(Now);

    /// <summary>The instant as England's clock shows it.</summary>
    public static DateTime From(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, England).DateTime;

    /// <summary>The instant of a local time; the earlier one where the clock shows it twice.</summary>
    public static DateTimeOffset ToInstant(DateTime local)
    {
        var unspecified = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        var offsets = England.IsAmbiguousTime(unspecified) ? England.GetAmbiguousTimeOffsets(unspecified).Max() : England.GetUtcOffset(unspecified);
        return new DateTimeOffset(unspecified, offsets);
    }

    /// <summary>Whole minutes since the local time that a migration id names; never negative.</summary>
    public long WholeMinutesSince(string runId) =>
        DateTime.TryParseExact(runId, "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var started)
            ? Math.Max(0, (long)(time.GetUtcNow() - ToInstant(started)).TotalMinutes)
            : 0;
}
