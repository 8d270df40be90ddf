namespace Migration.Simulator.Mapping;

/// <summary>The rows of one domain, one for a NOMIS key and one for a DPS id.</summary>
internal sealed class PairStore<TKey, TPair>
    where TKey : notnull
    where TPair : class, IPair<TKey>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, TPair> _byNomisKey = [];
    private readonly Dictionary<string, TPair> _byDpsId = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byNomisKey.Count;
            }
        }
    }

    /// <summary>Null when it was added, or stood there already; else the row that is in its way. The DPS id is looked at first, as there.</summary>
    public TPair? Add(TPair pair)
    {
        lock (_lock)
        {
            if (_byDpsId.TryGetValue(pair.DpsId, out var sameDps))
                return sameDps.NomisKey.Equals(pair.NomisKey) ? null : sameDps;
            if (!_byNomisKey.TryAdd(pair.NomisKey, pair))
                return _byNomisKey[pair.NomisKey];
            _byDpsId.Add(pair.DpsId, pair);
            return null;
        }
    }

    public TPair? Find(TKey nomisKey)
    {
        lock (_lock)
        {
            return _byNomisKey.GetValueOrDefault(nomisKey);
        }
    }

    public TPair? FindByDpsId(string dpsId)
    {
        lock (_lock)
        {
            return _byDpsId.GetValueOrDefault(dpsId);
        }
    }

    public void Remove(string dpsId)
    {
        lock (_lock)
        {
            if (_byDpsId.Remove(dpsId, out var pair))
                _byNomisKey.Remove(pair.NomisKey);
        }
    }

    public int CountOf(string label)
    {
        lock (_lock)
        {
            return _byNomisKey.Values.Count(pair => pair.Label == label);
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _byNomisKey.Clear();
            _byDpsId.Clear();
        }
    }
}
