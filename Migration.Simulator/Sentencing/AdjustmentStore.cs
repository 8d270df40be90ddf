using Migration.Simulator.Nomis;

namespace Migration.Simulator.Sentencing;

/// <summary>The adjustments of DPS. What is deleted stays, marked.</summary>
internal sealed class AdjustmentStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, DpsAdjustment> _records = [];
    private readonly Dictionary<AdjustmentKey, List<Guid>> _byOrigin = [];
    private readonly Dictionary<long, List<Guid>> _byBooking = [];

    public Guid Add(DpsAdjustment adjustment)
    {
        var record = adjustment with { Id = Guid.NewGuid() };
        lock (_lock)
        {
            _records.Add(record.Id, record);
            if (record.MadeFrom is { } key)
                ListOf(_byOrigin, key).Add(record.Id);
            ListOf(_byBooking, record.BookingId).Add(record.Id);
        }

        return record.Id;
    }

    /// <summary>Null when there is none, or it was deleted.</summary>
    public DpsAdjustment? Find(Guid id)
    {
        lock (_lock)
        {
            return _records.TryGetValue(id, out var record) && !record.IsDeleted ? record : null;
        }
    }

    /// <summary>Replaces all but what an adjustment keeps for life: its prisoner, and how it came to be.</summary>
    /// <returns>False when there is none, or it was deleted.</returns>
    public bool Update(Guid id, DpsAdjustment content) => Change(id, record => content with
    {
        Id = id,
        MadeFrom = record.MadeFrom,
        BookingId = record.BookingId,
        OffenderNo = record.OffenderNo,
        IsMigrated = record.IsMigrated,
        IsDeleted = false,
    });

    public bool Delete(Guid id) => Change(id, record => record with { IsDeleted = true });

    /// <summary>What DPS does by itself when it hears of a merge or a moved booking.</summary>
    public void Reassign(long bookingId, string offenderNo, bool isCurrentTerm)
    {
        lock (_lock)
        {
            foreach (var id in _byBooking.GetValueOrDefault(bookingId, []))
                _records[id] = _records[id] with { OffenderNo = offenderNo, IsCurrentTerm = isCurrentTerm };
        }
    }

    /// <summary>Without those that are deleted.</summary>
    public IReadOnlyList<DpsAdjustment> MadeFrom(AdjustmentKey key)
    {
        lock (_lock)
        {
            return [.. _byOrigin.GetValueOrDefault(key, []).Select(id => _records[id]).Where(record => !record.IsDeleted)];
        }
    }

    /// <summary>All that are not deleted.</summary>
    public IReadOnlyList<DpsAdjustment> All()
    {
        lock (_lock)
        {
            return [.. _records.Values.Where(record => !record.IsDeleted)];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _records.Clear();
            _byOrigin.Clear();
            _byBooking.Clear();
        }
    }

    private static List<Guid> ListOf<TKey>(Dictionary<TKey, List<Guid>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        return list;
    }

    private bool Change(Guid id, Func<DpsAdjustment, DpsAdjustment> change)
    {
        lock (_lock)
        {
            if (!_records.TryGetValue(id, out var record) || record.IsDeleted)
                return false;
            _records[id] = change(record);
            return true;
        }
    }
}
