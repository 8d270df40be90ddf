using System.Text;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>Text from elsewhere as Postgres can store it: an error message must not keep its outcome from being recorded.</summary>
static class StorableText
{
    /// <summary>NUL characters and halves of surrogate pairs become U+FFFD; null stays null.</summary>
    public static string? Storable(this string? text)
    {
        if (text is null || (!text.Contains('\0', StringComparison.Ordinal) && text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0))
            return text;
        var storable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // half a pair comes out as U+FFFD
            storable.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        return storable.ToString();
    }
}
