using Migration.Simulator.Visits;

namespace Migration.Simulator.Mapping;

/// <summary>The rows of the mapping service, one for a NOMIS id and one for a VSIP id.</summary>
internal sealed class MappingStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Row> _byNomisId = [];
    private readonly Dictionary<long, long> _nomisIdByVsip = [];
    private readonly Dictionary<string, long> _foreign = [];
    private readonly List<string> _foreignTexts = [];
    private readonly List<string?> _labels = [];
    private readonly List<int> _labelCounts = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byNomisId.Count;
            }
        }
    }

    /// <summary>Null when it was added, or stood there already; else the row that is in its way.</summary>
    public VisitMapping? Add(VisitMapping mapping)
    {
        lock (_lock)
        {
            var vsip = CodeOf(mapping.VsipId);
            if (_byNomisId.TryGetValue(mapping.NomisId, out var sameNomis))
                return sameNomis.Vsip == vsip ? null : ToMapping(mapping.NomisId, sameNomis);
            if (!_nomisIdByVsip.TryAdd(vsip, mapping.NomisId))
                return ToMapping(_nomisIdByVsip[vsip], _byNomisId[_nomisIdByVsip[vsip]]);

            var label = LabelOf(mapping.Label);
            _labelCounts[label]++;
            _byNomisId.Add(mapping.NomisId, new Row(vsip, (short)label, mapping.MappingType == "ONLINE", mapping.WhenCreated));
            return null;
        }
    }

    public VisitMapping? Find(long nomisId)
    {
        lock (_lock)
        {
            return _byNomisId.TryGetValue(nomisId, out var row) ? ToMapping(nomisId, row) : null;
        }
    }

    public bool Knows(long nomisId)
    {
        lock (_lock)
        {
            return _byNomisId.ContainsKey(nomisId);
        }
    }

    /// <summary>NOMIS ids that records of the visit scheduler, by their numbers, are mapped to.</summary>
    public HashSet<int> MappedRecords()
    {
        lock (_lock)
        {
            return [.. _nomisIdByVsip.Keys.Where(vsip => vsip >= 0).Select(vsip => (int)vsip)];
        }
    }

    public int CountOf(string label)
    {
        lock (_lock)
        {
            var number = _labels.IndexOf(label);
            return number < 0 ? 0 : _labelCounts[number];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _byNomisId.Clear();
            _byNomisId.TrimExcess();
            _nomisIdByVsip.Clear();
            _nomisIdByVsip.TrimExcess();
            _foreign.Clear();
            _foreignTexts.Clear();
            _labels.Clear();
            _labelCounts.Clear();
        }
    }

    private VisitMapping ToMapping(long nomisId, Row row) => new(
        nomisId, row.Vsip >= 0 ? References.Of((int)row.Vsip) : _foreignTexts[(int)(-1 - row.Vsip)], _labels[row.Label], row.IsOnline ? "ONLINE" : "MIGRATED", row.WhenCreated);

    /// <summary>The number of a record of the visit scheduler; ids of any other form get numbers below zero.</summary>
    private long CodeOf(string vsipId)
    {
        if (References.NumberOf(vsipId) is { } number)
            return number;
        if (!_foreign.TryGetValue(vsipId, out var code))
        {
            _foreignTexts.Add(vsipId);
            code = -_foreignTexts.Count;
            _foreign.Add(vsipId, code);
        }

        return code;
    }

    private int LabelOf(string? label)
    {
        var number = _labels.LastIndexOf(label);
        if (number >= 0)
            return number;
        _labels.Add(label);
        _labelCounts.Add(0);
        return _labels.Count - 1;
    }

    private readonly record struct Row(long Vsip, short Label, bool IsOnline, DateTime WhenCreated);
}
