using System.Globalization;
using System.Runtime.InteropServices;

namespace Migration.Simulator.Nomis;

/// <summary>The two kinds of adjustments. Their id sequences overlap.</summary>
public enum AdjustmentCategory
{
    Sentence,
    KeyDate,
}

/// <summary>What names an adjustment.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AdjustmentKey(AdjustmentCategory Category, long Id)
{
    /// <summary>As the mapping service writes it.</summary>
    public string CategoryCode => Category == AdjustmentCategory.Sentence ? "SENTENCE" : "KEY-DATE";

    public static AdjustmentCategory CategoryOf(string code) => code == "SENTENCE" ? AdjustmentCategory.Sentence : AdjustmentCategory.KeyDate;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CategoryCode} {Id}");
}

/// <summary>An adjustment as NOMIS knows it.</summary>
public sealed record NomisAdjustment
{
    public required AdjustmentKey Key { get; init; }
    public required long BookingId { get; init; }

    /// <summary>Null for a key-date adjustment.</summary>
    public long? SentenceSequence { get; init; }

    public required CodeDescription Type { get; init; }
    public DateOnly? Date { get; init; }
    public DateOnly? FromDate { get; init; }
    public DateOnly? ToDate { get; init; }
    public required long Days { get; init; }

    /// <summary>Ends with the reference from which <see cref="AdjustmentReferences"/> tells what a DPS record was made from.</summary>
    public required string Comment { get; init; }

    public required bool IsActive { get; init; }

    /// <summary>Made by NOMIS as a consequence of a key-date adjustment; never shown in lists.</summary>
    public bool IsHidden { get; init; }
}

/// <summary>
/// A reference such as <c>[S987]</c> at the end of a comment. No API carries the NOMIS id of an adjustment to DPS, but comments travel,
/// and so a record of DPS tells what it was made from.
/// </summary>
internal static class AdjustmentReferences
{
    public static string Comment(string text, AdjustmentKey key) =>
        string.Create(CultureInfo.InvariantCulture, $"{text} [{(key.Category == AdjustmentCategory.Sentence ? 'S' : 'K')}{key.Id}]");

    /// <summary>Null for a comment without one.</summary>
    public static AdjustmentKey? KeyOf(string? comment)
    {
        if (comment is null || !comment.EndsWith(']') || comment.LastIndexOf('[') is not (>= 0 and var start) || start + 2 >= comment.Length)
            return null;
        return long.TryParse(comment.AsSpan(start + 2, comment.Length - start - 3), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new AdjustmentKey(comment[start + 1] == 'S' ? AdjustmentCategory.Sentence : AdjustmentCategory.KeyDate, id)
            : null;
    }
}
