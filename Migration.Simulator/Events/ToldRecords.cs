using System.Collections.Concurrent;
using Migration.Simulator.Nomis;

namespace Migration.Simulator.Events;

/// <summary>Which records a consumer has heard of by an event that asks for something to be done.</summary>
internal sealed class ToldRecords(NomisAdjustments adjustments)
{
    private readonly ConcurrentDictionary<AdjustmentKey, byte> _adjustments = new();
    private readonly ConcurrentDictionary<long, byte> _transactions = new();
    private readonly ConcurrentDictionary<long, byte> _visits = new();

    public IEnumerable<long> Transactions => _transactions.Keys.Order();

    public IEnumerable<long> Visits => _visits.Keys.Order();

    public bool Knows(AdjustmentKey key) => _adjustments.ContainsKey(key);

    public bool KnowsTransaction(long id) => _transactions.ContainsKey(id);

    public void Add(NomisEvent told)
    {
        if (told.IsFromDps)
            return;
        if (told.Subject.Adjustment is { } key)
            _adjustments.TryAdd(key, 0);
        if (told.Subject.BookingId is { } bookingId)
        {
            foreach (var adjustment in adjustments.OfBooking(bookingId).Where(adjustment => !adjustment.IsHidden))
                _adjustments.TryAdd(adjustment.Key, 0);
        }

        if (told.Subject.TransactionId is { } transactionId)
            _transactions.TryAdd(transactionId, 0);
        if (told.Subject.VisitId is { } visitId)
            _visits.TryAdd(visitId, 0);
    }

    public void Clear()
    {
        _adjustments.Clear();
        _transactions.Clear();
        _visits.Clear();
    }
}
