using Migration.Simulator.Events;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Simulator.Sentencing;

namespace Migration.Simulator.Inspection;

/// <summary>What became of one NOMIS adjustment.</summary>
/// <param name="Category">SENTENCE or KEY-DATE.</param>
/// <param name="Nomis">Null when it is gone from NOMIS.</param>
/// <param name="Records">Adjustments of DPS that were made from it, without deleted ones.</param>
/// <param name="IsTold">Whether an event told of it that asks for something to be done.</param>
/// <param name="IsTranslatable">Whether DPS has its type.</param>
/// <param name="Difference">Where its only record differs from it; null when it does not, or there is not one.</param>
public sealed record AdjustmentReport(
    string Category, long Id, NomisAdjustment? Nomis, IReadOnlyList<DpsAdjustment> Records, AdjustmentMapping? Mapping, bool IsTold, bool IsTranslatable, string? Difference);

/// <summary>What both sides and the mapping service hold of adjustments. Hidden adjustments do not count.</summary>
/// <param name="Source">Adjustments in NOMIS.</param>
/// <param name="Dps">Adjustments in DPS.</param>
/// <param name="Duplicates">NOMIS adjustments with more than one record in DPS.</param>
/// <param name="Unmapped">Records of DPS that no mapping names.</param>
/// <param name="Missing">NOMIS adjustments without a mapping to a record that is there.</param>
/// <param name="Lost">Those of the missing that an event told of and that DPS has a type for.</param>
/// <param name="Stale">NOMIS adjustments whose record says something else. Prisoner, prison and term are not compared: DPS keeps these itself.</param>
/// <param name="Leftover">Records of DPS whose NOMIS adjustment is gone.</param>
public sealed record AdjustmentReconciliation(
    int Source, int Dps, int Mapped, Listed<string> Duplicates, Listed<Guid> Unmapped, Listed<string> Missing, Listed<string> Lost, Listed<string> Stale, Listed<Guid> Leftover);

/// <summary>Holds NOMIS, DPS and the mapping service against each other, adjustment by adjustment.</summary>
internal sealed class AdjustmentReports(
    NomisAdjustments source, AdjustmentStore records, PairStore<AdjustmentKey, AdjustmentMapping> mappings, ToldRecords told)
{
    public AdjustmentReport Of(AdjustmentKey key)
    {
        var nomis = source.Find(key);
        var made = records.MadeFrom(key);
        return new AdjustmentReport(
            key.CategoryCode, key.Id, nomis, made, mappings.Find(key), told.Knows(key), nomis is null || NomisAdjustments.IsTranslatable(nomis),
            nomis is not null && made is [var only] ? DifferenceOf(nomis, only) : null);
    }

    /// <summary>All that there are or were.</summary>
    public IEnumerable<AdjustmentReport> All() => source.Keys().Select(Of);

    public AdjustmentReconciliation Reconcile()
    {
        var all = All().ToList();
        var visible = all.Where(report => report.Nomis is { IsHidden: false }).ToList();
        var missing = visible.Where(report => !report.Records.Any(record => record.Id.ToString() == report.Mapping?.DpsId)).ToList();
        var alive = records.All();
        return new AdjustmentReconciliation(
            visible.Count,
            alive.Count,
            mappings.Count,
            List(all.Where(report => report.Records.Count > 1)),
            Listed.Of(alive.Where(record => mappings.FindByDpsId(record.Id.ToString()) is null).Select(record => record.Id)),
            List(missing),
            List(missing.Where(report => report.IsTold && report.IsTranslatable)),
            List(visible.Where(report => report.Difference is not null)),
            Listed.Of(all.Where(report => report.Nomis is null).SelectMany(report => report.Records).Select(record => record.Id)));
    }

    private static Listed<string> List(IEnumerable<AdjustmentReport> reports) =>
        Listed.Of(reports.Select(report => new AdjustmentKey(AdjustmentKey.CategoryOf(report.Category), report.Id).ToString()));

    private static string? DifferenceOf(NomisAdjustment nomis, DpsAdjustment record)
    {
        (string Field, bool IsSame)[] fields =
        [
            ("bookingId", nomis.BookingId == record.BookingId),
            ("sentenceSequence", nomis.SentenceSequence == record.SentenceSequence),
            ("type", nomis.Type.Code == record.Type),
            ("date", nomis.Date == record.Date),
            ("fromDate", nomis.FromDate == record.FromDate),
            ("days", nomis.Days == record.Days),
            ("comment", nomis.Comment == record.Comment),
            ("active", nomis.IsActive == record.IsActive),
        ];
        var different = fields.Where(field => !field.IsSame).Select(field => field.Field).ToList();
        return different.Count == 0 ? null : string.Join(", ", different);
    }
}
