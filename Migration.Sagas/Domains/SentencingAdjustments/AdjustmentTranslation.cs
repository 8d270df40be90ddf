using System.Globalization;
using Migration.Clients.SentencingAdjustments;

namespace Migration.Sagas.Domains.SentencingAdjustments;

/// <summary>From a NOMIS adjustment to a DPS one (spec: sentencing-adjustments 3.1). Pure.</summary>
public static class AdjustmentTranslation
{
    static readonly Dictionary<string, AdjustmentType> Types = new(StringComparer.Ordinal)
    {
        ["ADA"] = AdjustmentType.AdditionalDaysAwarded,
        ["RADA"] = AdjustmentType.RestorationOfAdditionalDaysAwarded,
        ["UAL"] = AdjustmentType.UnlawfullyAtLarge,
        ["LAL"] = AdjustmentType.LawfullyAtLarge,
        ["SREM"] = AdjustmentType.SpecialRemission,
        ["RSR"] = AdjustmentType.RecallSentenceRemand,
        ["RST"] = AdjustmentType.RecallSentenceTaggedBail,
        ["RX"] = AdjustmentType.Remand,
        ["S240A"] = AdjustmentType.TaggedBail,
        ["UR"] = AdjustmentType.UnusedRemand,
        ["TCA"] = AdjustmentType.CustodyAbroad,
        ["TSA"] = AdjustmentType.AppealApplicant,
    };

    /// <exception cref="UntranslatableException">A type that DPS does not know, or a number that it cannot hold.</exception>
    public static LegacyAdjustment Translate(NomisAdjustment source) => new()
    {
        BookingId = source.BookingId,
        SentenceSequence = source.SentenceSequence is { } sequence ? Narrow(sequence, "sentence sequence") : null,
        OffenderNo = source.OffenderNo,
        AdjustmentType = Types.TryGetValue(source.TypeCode, out var type) ? type : throw new UnknownCodeException("adjustment type", source.TypeCode),
        AdjustmentDate = source.Date,
        AdjustmentFromDate = source.FromDate,
        AdjustmentDays = Narrow(source.Days, "adjustment days"),
        Comment = source.Comment,
        Active = source.IsActive,
        BookingReleased = source.HasBeenReleased,
        AgencyId = source.PrisonId,
        CurrentTerm = source.BookingSequence == 1,
    };

    static int Narrow(long number, string what) => number is >= int.MinValue and <= int.MaxValue
        ? (int)number
        : throw new UntranslatableException($"{what} {number.ToString(CultureInfo.InvariantCulture)} is out of range");
}
