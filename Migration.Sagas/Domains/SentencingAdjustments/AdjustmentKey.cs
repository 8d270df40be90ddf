using System.Globalization;
using Migration.Clients.NomisMapping;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>Which NOMIS adjustment: the two categories number theirs apart, so the category is part of every key.</summary>
/// <param name="Category">Of a sentence, or of a key date of the whole booking.</param>
/// <param name="Id">NOMIS id within the category.</param>
public sealed record AdjustmentKey(AdjustmentCategory Category, long Id)
{
    /// <exception cref="FormatException">It is no such key.</exception>
    public static AdjustmentKey Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && CategoryOf(text[..slash]) is { } category && long.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new AdjustmentKey(category, id)
            : throw new FormatException($"'{text}' is not the key of an adjustment");
    }

    /// <summary>Null for another word.</summary>
    public static AdjustmentCategory? CategoryOf(string? text) => text switch
    {
        "SENTENCE" => AdjustmentCategory.Sentence,
        "KEY-DATE" => AdjustmentCategory.KeyDate,
        _ => null,
    };

    public string CategoryName => WireName.Of(Category);

    public bool IsSentence => Category == AdjustmentCategory.Sentence;

    public string IdText => Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>The lane of the adjustment, for runs and syncs alike.</summary>
    public string Lane => "adjustment/" + this;

    public override string ToString() => $"{CategoryName}/{IdText}";
}
