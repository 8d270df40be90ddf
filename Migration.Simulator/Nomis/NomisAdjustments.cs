using System.Collections.Concurrent;

namespace Migration.Simulator.Nomis;

/// <summary>
/// All sentencing adjustments of NOMIS, made up when they are asked for; only what was changed, added or removed is remembered.
/// </summary>
/// <remarks>The arithmetic of ids: booking n has sentence adjustments 4(n-1)+1 and following, and key-date adjustments with the same ids.</remarks>
public sealed class NomisAdjustments(EstateOptions options, Prisoners prisoners)
{
    private const int MostOfABooking = 4;

    private static readonly CodeDescription[] SentenceTypes =
    [
        new("RX", "Remand"), new("RSR", "Recall Sentence Remand"), new("S240A", "Section 240A Tagged Bail Credit"), new("RST", "Recall Sentence Tagged Bail"),
        new("UR", "Unused Remand"), new("TCA", "Time Spent in Custody Abroad"), new("TSA", "Time Spent as Appeal Applicant, not to Count"),
    ];

    private static readonly CodeDescription[] KeyDateTypes =
    [
        new("ADA", "Additional Days Awarded"), new("RADA", "Restoration of Additional Days Awarded"), new("UAL", "Unlawfully at Large"),
        new("LAL", "Lawfully at Large"), new("SREM", "Special Remission"),
    ];

    private static readonly CodeDescription UnknownType = new("PC", "Police Cell");

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<AdjustmentKey, NomisAdjustment?> _changed = new();
    private readonly Dictionary<long, List<AdjustmentKey>> _addedByBooking = [];
    private readonly long[] _lastIds = new long[2];

    /// <summary>Null when there is none, or none any more.</summary>
    public NomisAdjustment? Find(AdjustmentKey key) => _changed.TryGetValue(key, out var changed) ? changed : Make(key);

    /// <summary>Those of a booking, hidden ones too, sentence adjustments first.</summary>
    public IReadOnlyList<NomisAdjustment> OfBooking(long bookingId) => [.. KeysOf(bookingId).Select(Find).OfType<NomisAdjustment>()];

    /// <summary>Keys of all that there are or were.</summary>
    public IEnumerable<AdjustmentKey> Keys()
    {
        for (var bookingId = 1L; bookingId <= (long)options.Prisoners * Prisoners.MostBookings; bookingId++)
        {
            if (!prisoners.HasBooking(bookingId))
                continue;
            foreach (var key in KeysOf(bookingId))
                yield return key;
        }
    }

    /// <summary>Whether DPS has a type for it.</summary>
    public static bool IsTranslatable(NomisAdjustment adjustment) => adjustment.Type != UnknownType;

    /// <summary>Adds an adjustment of which all but the booking and the category is made up.</summary>
    /// <param name="isFromDps">Whether it comes from DPS, and so is of a type that DPS has.</param>
    public NomisAdjustment Add(long bookingId, AdjustmentCategory category, bool isFromDps = false)
    {
        lock (_lock)
        {
            var id = ((long)options.Prisoners * Prisoners.MostBookings * MostOfABooking) + ++_lastIds[(int)category];
            var key = new AdjustmentKey(category, id);
            var drawn = Draw(key, bookingId) with { IsHidden = false };
            var added = isFromDps && !IsTranslatable(drawn) ? drawn with { Type = TypesOf(category)[0] } : drawn;
            _changed[key] = added;
            if (!_addedByBooking.TryGetValue(bookingId, out var keys))
                _addedByBooking[bookingId] = keys = [];
            keys.Add(key);
            return added;
        }
    }

    /// <summary>Changes an adjustment, as a user of NOMIS would.</summary>
    public NomisAdjustment Change(AdjustmentKey key, Func<NomisAdjustment, NomisAdjustment> change)
    {
        lock (_lock)
        {
            var changed = change(Find(key) ?? throw new ArgumentOutOfRangeException(nameof(key), key, "There is no such adjustment."));
            _changed[key] = changed;
            return changed;
        }
    }

    public void Remove(AdjustmentKey key) => _changed[key] = null;

    public void Restore()
    {
        lock (_lock)
        {
            _changed.Clear();
            _addedByBooking.Clear();
            Array.Clear(_lastIds);
        }
    }

    private List<AdjustmentKey> KeysOf(long bookingId)
    {
        var first = ((bookingId - 1) * MostOfABooking) + 1;
        var keys = new List<AdjustmentKey>();
        foreach (var category in (ReadOnlySpan<AdjustmentCategory>)[AdjustmentCategory.Sentence, AdjustmentCategory.KeyDate])
        {
            for (var number = 0; number < CountOf(bookingId, category); number++)
                keys.Add(new AdjustmentKey(category, first + number));
        }

        lock (_lock)
        {
            keys.AddRange(_addedByBooking.GetValueOrDefault(bookingId, []));
        }

        return keys;
    }

    private NomisAdjustment? Make(AdjustmentKey key)
    {
        var bookingId = ((key.Id - 1) / MostOfABooking) + 1;
        return key.Id >= 1 && prisoners.HasBooking(bookingId) && (key.Id - 1) % MostOfABooking < CountOf(bookingId, key.Category) ? Draw(key, bookingId) : null;
    }

    private NomisAdjustment Draw(AdjustmentKey key, long bookingId)
    {
        var isOfSentence = key.Category == AdjustmentCategory.Sentence;
        var types = TypesOf(key.Category);
        var from = options.Today.AddDays(-30 - Below(3000, key, Salt.From));
        var days = 1 + Below(120, key, Salt.Days);
        return new NomisAdjustment
        {
            Key = key,
            BookingId = bookingId,
            SentenceSequence = isOfSentence ? 1 + Below(3, key, Salt.Sentence) : null,
            Type = Fraction(key, Salt.UnknownType) < Share(options.UnknownAdjustmentTypeShare) ? UnknownType : types[Below(types.Length, key, Salt.Type)],
            Date = Fraction(key, Salt.Dateless) < 0.1 ? null : from.AddDays(-1),
            FromDate = Fraction(key, Salt.Fromless) < 0.1 && isOfSentence ? null : from,
            ToDate = from.AddDays(days - 1),
            Days = days,
            Comment = AdjustmentReferences.Comment("Court order seen", key),
            IsActive = Fraction(key, Salt.Inactive) >= 0.2,
            IsHidden = isOfSentence && Fraction(key, Salt.Hidden) < options.HiddenAdjustmentShare,
        };
    }

    private static CodeDescription[] TypesOf(AdjustmentCategory category) => category == AdjustmentCategory.Sentence ? SentenceTypes : KeyDateTypes;

    private int CountOf(long bookingId, AdjustmentCategory category) =>
        Random64.Below(MostOfABooking + 1, options.Seed, bookingId, category == AdjustmentCategory.Sentence ? Salt.SentenceCount : Salt.KeyDateCount);

    private double Share(double share) => options.Clean ? 0 : share;

    private double Fraction(AdjustmentKey key, int salt) => Random64.Fraction(options.Seed, key.Id, salt + (int)key.Category);

    private int Below(int limit, AdjustmentKey key, int salt) => Random64.Below(limit, options.Seed, key.Id, salt + (int)key.Category);

    /// <summary>Two apart: the category is added.</summary>
    private static class Salt
    {
        public const int SentenceCount = 201;
        public const int KeyDateCount = 202;
        public const int From = 210;
        public const int Days = 212;
        public const int Sentence = 214;
        public const int UnknownType = 216;
        public const int Type = 218;
        public const int Dateless = 220;
        public const int Fromless = 222;
        public const int Inactive = 224;
        public const int Hidden = 226;
    }
}
