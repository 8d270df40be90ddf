using System.Runtime.InteropServices;

namespace Migration.Simulator.Visits;

/// <summary>The visits of the visit scheduler, about 40 bytes each.</summary>
internal sealed class VisitStore(int sourceCount)
{
    private static readonly DateTime Epoch = new(2000, 1, 1);

    private readonly Lock _lock = new();
    private readonly List<Row> _rows = [];
    private readonly Dictionary<string, int> _textNumbers = [];
    private readonly List<string> _texts = [];
    private readonly bool[] _refused = new bool[sourceCount + 1];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _rows.Count;
            }
        }
    }

    /// <returns>The reference.</returns>
    public string Add(in NewVisit visit)
    {
        lock (_lock)
        {
            var number = _rows.Count;
            _rows.Add(new Row(
                (int)(visit.NomisId ?? 0), NumberOf(visit.PrisonerId), NumberOf(visit.Room),
                (int)(visit.Start - Epoch).TotalSeconds, (int)(visit.End - Epoch).TotalSeconds,
                (short)NumberOf(visit.PrisonId), (short)NumberOf(visit.Status), (short)NumberOf(visit.Outcome), (short)NumberOf(visit.Restriction),
                (short)visit.Visitors, (short)visit.Notes));
            return References.Of(number);
        }
    }

    /// <summary>Cancels a visit; one that is cancelled already stays as it is.</summary>
    /// <returns>False when there is no such visit.</returns>
    public bool Cancel(string reference, string outcome)
    {
        lock (_lock)
        {
            if (References.NumberOf(reference) is not { } number || number >= _rows.Count)
                return false;
            var row = _rows[number];
            if (_texts[row.Status] != "CANCELLED")
                _rows[number] = row with { Status = (short)NumberOf("CANCELLED"), Outcome = (short)NumberOf(outcome) };
            return true;
        }
    }

    public void Refuse(long? nomisId)
    {
        if (nomisId is { } id)
            Volatile.Write(ref _refused[id], value: true);
    }

    public bool IsRefused(long nomisId) => Volatile.Read(ref _refused[nomisId]);

    public int RefusedCount => _refused.Count(refused => refused);

    public IReadOnlyList<DpsVisit> MadeFrom(long nomisId)
    {
        lock (_lock)
        {
            var found = new List<DpsVisit>();
            for (var number = 0; number < _rows.Count; number++)
            {
                if (_rows[number].NomisId == nomisId)
                    found.Add(ToVisit(number, _rows[number]));
            }

            return found;
        }
    }

    public DpsVisit? Find(string reference)
    {
        lock (_lock)
        {
            return References.NumberOf(reference) is { } number && number < _rows.Count ? ToVisit(number, _rows[number]) : null;
        }
    }

    /// <summary>NOMIS id of every record by its number; 0 where it was made from none.</summary>
    public int[] NomisIds()
    {
        lock (_lock)
        {
            var ids = new int[_rows.Count];
            var rows = CollectionsMarshal.AsSpan(_rows);
            for (var number = 0; number < rows.Length; number++)
                ids[number] = rows[number].NomisId;
            return ids;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _rows.Clear();
            _rows.TrimExcess();
            _texts.Clear();
            _textNumbers.Clear();
            Array.Clear(_refused);
        }
    }

    private DpsVisit ToVisit(int number, Row row) => new(
        References.Of(number), row.NomisId == 0 ? null : row.NomisId, _texts[row.Prisoner], _texts[row.Prison], _texts[row.Room],
        Epoch.AddSeconds(row.Start), Epoch.AddSeconds(row.End), _texts[row.Status], _texts[row.Outcome], _texts[row.Restriction], row.Visitors, row.Notes);

    /// <summary>Texts that come again and again are kept once. Those of a few values come first and so have small numbers.</summary>
    private int NumberOf(string text)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_textNumbers, text, out var exists);
        if (!exists)
        {
            number = _texts.Count;
            _texts.Add(text);
        }

        return number;
    }

    public readonly record struct NewVisit(
        long? NomisId, string PrisonerId, string PrisonId, string Room, DateTime Start, DateTime End, string Status, string Outcome, string Restriction, int Visitors, int Notes);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Row(
        int NomisId, int Prisoner, int Room, int Start, int End, short Prison, short Status, short Outcome, short Restriction, short Visitors, short Notes);
}
