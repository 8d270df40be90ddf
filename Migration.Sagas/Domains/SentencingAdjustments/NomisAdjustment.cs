using Migration.Clients.NomisPrisoner;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>An adjustment of either category, as far as DPS is told of it (spec: sentencing-adjustments 2.2, 2.3).</summary>
/// <param name="SentenceSequence">Null for one of a key date, which is of the whole booking.</param>
/// <param name="IsHidden">NOMIS made it as the consequence of another one; never for DPS.</param>
public sealed record NomisAdjustment(
    AdjustmentKey Key, long BookingId, int BookingSequence, bool HasBeenReleased, string PrisonId, string OffenderNo, long? SentenceSequence, string TypeCode,
    DateOnly? Date, DateOnly? FromDate, long Days, string? Comment, bool IsActive, bool IsHidden)
{
    public static NomisAdjustment Of(SentenceAdjustment x) => new(
        new(Clients.NomisMapping.AdjustmentCategory.Sentence, x.Id), x.BookingId, x.BookingSequence, x.HasBeenReleased, x.PrisonId, x.OffenderNo, x.SentenceSequence,
        x.AdjustmentType.Code, x.AdjustmentDate, x.AdjustmentFromDate, x.AdjustmentDays, x.Comment, x.Active, x.HiddenFromUsers);

    public static NomisAdjustment Of(KeyDateAdjustment x) => new(
        new(Clients.NomisMapping.AdjustmentCategory.KeyDate, x.Id), x.BookingId, x.BookingSequence, x.HasBeenReleased, x.PrisonId, x.OffenderNo, SentenceSequence: null,
        x.AdjustmentType.Code, x.AdjustmentDate, x.AdjustmentFromDate, x.AdjustmentDays, x.Comment, x.Active, IsHidden: false);
}
