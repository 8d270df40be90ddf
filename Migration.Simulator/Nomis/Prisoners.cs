using System.Globalization;

namespace Migration.Simulator.Nomis;

/// <summary>
/// Prisoners of NOMIS and their bookings, made up when they are asked for; only merges and moved bookings are remembered.
/// </summary>
/// <remarks>The arithmetic of ids: prisoner n was received on bookings 4(n-1)+1 and following, at most four.</remarks>
public sealed class Prisoners(EstateOptions options)
{
    internal const int MostBookings = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, long> _holders = [];
    private readonly Dictionary<long, HashSet<long>> _received = [];
    private readonly HashSet<long> _merged = [];

    /// <summary>How many there were at the start; offender ids are 1 to this.</summary>
    public int Count => options.Prisoners;

    public static string NumberOf(long offenderId) => string.Create(
        CultureInfo.InvariantCulture, $"G{offenderId % 10_000:0000}{(char)('A' + (offenderId / 10_000 % 26))}{(char)('A' + (offenderId / 260_000 % 26))}");

    /// <summary>Null when there is no such prisoner, or when another one's number took the place of this.</summary>
    public long? Find(string offenderNo)
    {
        if (offenderNo.Length != 7 || !int.TryParse(offenderNo.AsSpan(1, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var digits))
            return null;
        var offenderId = digits + (10_000L * (offenderNo[5] - 'A')) + (260_000L * (offenderNo[6] - 'A'));
        return Exists(offenderId) && NumberOf(offenderId) == offenderNo ? offenderId : null;
    }

    public bool Exists(long offenderId)
    {
        lock (_lock)
        {
            return offenderId >= 1 && offenderId <= Count && !_merged.Contains(offenderId);
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<long> BookingsOf(long offenderId)
    {
        lock (_lock)
        {
            var own = Enumerable.Range(1, OwnBookings(offenderId)).Select(number => FirstBooking(offenderId) + number - 1).Where(booking => HolderIn(booking) == offenderId);
            return [.. own.Concat(_received.GetValueOrDefault(offenderId, [])).OrderDescending()];
        }
    }

    public bool HasBooking(long bookingId)
    {
        var first = FirstHolder(bookingId);
        return bookingId >= 1 && first <= Count && bookingId - FirstBooking(first) < OwnBookings(first);
    }

    /// <summary>Offender id of the prisoner who has a booking now.</summary>
    public long HolderOf(long bookingId)
    {
        lock (_lock)
        {
            return HolderIn(bookingId);
        }
    }

    /// <summary>1 is the prisoner's newest booking.</summary>
    public int SequenceOf(long bookingId)
    {
        var bookings = BookingsOf(HolderOf(bookingId));
        return 1 + bookings.TakeWhile(booking => booking != bookingId).Count();
    }

    public bool IsReleased(long bookingId) => SequenceOf(bookingId) > 1 || Random64.Fraction(options.Seed, bookingId, Salt.Released) < 0.3;

    /// <summary>Code of a prison, or OUT.</summary>
    public string PrisonOf(long bookingId) =>
        IsReleased(bookingId) ? "OUT" : Rooms.Prisons[Random64.Below(Rooms.Prisons.Count, options.Seed, bookingId, Salt.Prison)];

    /// <summary>Gives a booking to another prisoner.</summary>
    public void Move(long bookingId, long toOffenderId)
    {
        lock (_lock)
        {
            MoveIn(bookingId, toOffenderId);
        }
    }

    /// <summary>Gives all bookings of a prisoner to another one and removes him.</summary>
    /// <returns>The bookings that moved.</returns>
    public IReadOnlyList<long> Merge(long removed, long retained)
    {
        var bookings = BookingsOf(removed);
        lock (_lock)
        {
            foreach (var booking in bookings)
                MoveIn(booking, retained);
            _merged.Add(removed);
        }

        return bookings;
    }

    public void Restore()
    {
        lock (_lock)
        {
            _holders.Clear();
            _received.Clear();
            _merged.Clear();
        }
    }

    private static long FirstBooking(long offenderId) => ((offenderId - 1) * MostBookings) + 1;

    private static long FirstHolder(long bookingId) => ((bookingId - 1) / MostBookings) + 1;

    private int OwnBookings(long offenderId) => 1 + Random64.Below(MostBookings, options.Seed, offenderId, Salt.Bookings);

    private long HolderIn(long bookingId) => _holders.TryGetValue(bookingId, out var holder) ? holder : FirstHolder(bookingId);

    private void MoveIn(long bookingId, long toOffenderId)
    {
        var from = HolderIn(bookingId);
        if (_received.TryGetValue(from, out var received))
            received.Remove(bookingId);
        if (toOffenderId == FirstHolder(bookingId))
        {
            _holders.Remove(bookingId);
            return;
        }

        _holders[bookingId] = toOffenderId;
        if (!_received.TryGetValue(toOffenderId, out var bookings))
            _received[toOffenderId] = bookings = [];
        bookings.Add(bookingId);
    }

    private static class Salt
    {
        public const int Bookings = 101;
        public const int Released = 102;
        public const int Prison = 103;
    }
}
