using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Simulator.Sentencing;

namespace Migration.Simulator.Events;

/// <summary>What happens to sentencing adjustments, and to the bookings that they belong to.</summary>
internal sealed class AdjustmentChanges(
    NomisAdjustments adjustments, Prisoners prisoners, AdjustmentStore records, PairStore<AdjustmentKey, AdjustmentMapping> mappings)
{
    private const int Tries = 2000;
    private const string Screen = "OIDSENAD";

    /// <summary>Null when there is nothing to do it to.</summary>
    public IReadOnlyList<Change>? Create(Dice dice, AdjustmentCategory category, bool isFromDps)
    {
        if (BookingOf(dice) is not { } bookingId)
            return null;
        var added = adjustments.Add(bookingId, category, isFromDps);
        if (isFromDps)
            Link(added, "SENTENCING_CREATED");
        return Change.Made(NomisEvents.AdjustmentUpserted(added, HolderOf(bookingId), ModuleOf(dice, isFromDps)));
    }

    public IReadOnlyList<Change>? Update(Dice dice, AdjustmentCategory category, bool isFromDps)
    {
        if (AnyOf(dice, category) is not { } found)
            return null;
        var days = 1 + dice.Below(200);
        var becomesHidden = category == AdjustmentCategory.Sentence && !isFromDps && dice.Is(0.02);
        var changed = adjustments.Change(found.Key, adjustment => adjustment with
        {
            Days = days,
            ToDate = adjustment.FromDate?.AddDays(days - 1),
            IsActive = dice.Is(0.8),
            IsHidden = becomesHidden,
        });
        // A change from DPS is one of a record that is there.
        var isOfDps = isFromDps && mappings.Find(found.Key) is { } mapping && records.Update(Guid.Parse(mapping.DpsId), Translate(changed));
        return Change.Made(NomisEvents.AdjustmentUpserted(changed, HolderOf(changed.BookingId), ModuleOf(dice, isOfDps)));
    }

    public IReadOnlyList<Change>? Delete(Dice dice, AdjustmentCategory category, bool isFromDps)
    {
        if (AnyOf(dice, category) is not { } found)
            return null;
        adjustments.Remove(found.Key);
        if (isFromDps && mappings.Find(found.Key) is { } mapping)
        {
            records.Delete(Guid.Parse(mapping.DpsId));
            mappings.Remove(mapping.DpsId);
        }

        return Change.Made(NomisEvents.AdjustmentDeleted(found, HolderOf(found.BookingId), ModuleOf(dice, dice.Is(0.3))));
    }

    /// <summary>A prisoner's bookings go to another one; on the newest of them an adjustment appears of which no event of its own tells.</summary>
    public IReadOnlyList<Change>? Merge(Dice dice)
    {
        if (TwoOf(dice) is not var (removed, retained))
            return null;
        var bookings = prisoners.Merge(removed, retained);
        if (bookings is [var newest, ..])
            adjustments.Add(newest, dice.Is(0.5) ? AdjustmentCategory.Sentence : AdjustmentCategory.KeyDate);
        Reassign(retained);
        return Change.Made([.. bookings.Select(booking => NomisEvents.BookingNumberChanged(booking, Prisoners.NumberOf(retained), Prisoners.NumberOf(removed)))]);
    }

    /// <summary>Nothing is told.</summary>
    public IReadOnlyList<Change>? Move(Dice dice)
    {
        if (TwoOf(dice) is not var (from, to))
            return null;
        prisoners.Move(dice.Of(prisoners.BookingsOf(from)), to);
        Reassign(from);
        Reassign(to);
        return Change.Made();
    }

    public IReadOnlyList<Change>? Renumber(Dice dice) =>
        BookingOf(dice) is { } bookingId ? Change.Made(NomisEvents.BookingNumberChanged(bookingId, retained: null, removed: null)) : null;

    /// <summary>Puts a record and its mapping into DPS, as if they had been there for long.</summary>
    public AdjustmentMapping Link(NomisAdjustment adjustment, string mappingType)
    {
        var mapping = new AdjustmentMapping(adjustment.Key, records.Add(Translate(adjustment)).ToString(), Label: null, mappingType, MappingJson.Now);
        mappings.Add(mapping);
        return mapping;
    }

    private static string? ModuleOf(Dice dice, bool isFromDps) => isFromDps ? NomisEvents.DpsModule : dice.Is(0.9) ? Screen : null;

    private string HolderOf(long bookingId) => Prisoners.NumberOf(prisoners.HolderOf(bookingId));

    private DpsAdjustment Translate(NomisAdjustment adjustment) => new(
        Guid.Empty, adjustment.Key, adjustment.BookingId, (int?)adjustment.SentenceSequence, HolderOf(adjustment.BookingId), adjustment.Type.Code, adjustment.Date,
        adjustment.FromDate, (int)adjustment.Days, adjustment.Comment, adjustment.IsActive, prisoners.IsReleased(adjustment.BookingId),
        prisoners.PrisonOf(adjustment.BookingId), prisoners.SequenceOf(adjustment.BookingId) == 1, IsMigrated: false, IsDeleted: false);

    /// <summary>DPS hears of it by events of its own.</summary>
    private void Reassign(long offenderId)
    {
        foreach (var booking in prisoners.BookingsOf(offenderId))
            records.Reassign(booking, Prisoners.NumberOf(offenderId), prisoners.SequenceOf(booking) == 1);
    }

    private long? BookingOf(Dice dice)
    {
        for (var number = 0; number < Tries && prisoners.Count > 0; number++)
        {
            if (prisoners.BookingsOf(1 + dice.Below(prisoners.Count)) is { Count: > 0 } bookings)
                return dice.Of(bookings);
        }

        return null;
    }

    private NomisAdjustment? AnyOf(Dice dice, AdjustmentCategory category)
    {
        for (var number = 0; number < Tries; number++)
        {
            if (BookingOf(dice) is { } bookingId
                && adjustments.OfBooking(bookingId).Where(adjustment => adjustment.Key.Category == category && !adjustment.IsHidden).ToList() is { Count: > 0 } found)
            {
                return dice.Of(found);
            }
        }

        return null;
    }

    private (long First, long Second)? TwoOf(Dice dice)
    {
        for (var number = 0; number < Tries && prisoners.Count > 1; number++)
        {
            var (first, second) = (1L + dice.Below(prisoners.Count), 1L + dice.Below(prisoners.Count));
            if (first != second && prisoners.Exists(first) && prisoners.Exists(second) && prisoners.BookingsOf(first).Count > 0)
                return (first, second);
        }

        return null;
    }
}
