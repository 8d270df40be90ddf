using System.Collections.Concurrent;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

/// <summary>The calls that a record's migration makes.</summary>
public enum Call
{
    FindMapping,
    Read,
    FindUnmapped,
    Create,
    Map,
}

/// <summary>
/// Source, target and mapping service of all pods, in memory. Creating always makes a new record; the mapping service
/// takes the same pair twice and refuses another pair with 409. Each call can be held or made to fail, before or after
/// it takes effect.
/// </summary>
public sealed class FakeEstate : ITargetView
{
    readonly Lock _lock = new();
    readonly List<(string Record, string Id)> _created = [];
    readonly Dictionary<string, (string TargetId, string? Label)> _mappings = [];
    readonly Dictionary<string, string> _mappedIds = [];
    readonly List<(Call Call, string Key)> _calls = [];
    readonly ConcurrentDictionary<(string Record, int Call), byte> _creating = new();
    readonly ConcurrentDictionary<(Call, string), ConcurrentQueue<CallPlan>> _plans = new();
    int _createCalls;

    /// <summary>Asked for every call without a plan of its own.</summary>
    public Func<Call, string, CallPlan?> Otherwise { get; set; } = (_, _) => null;

    /// <summary>Whether a 409 of the mapping service says which mapping stands.</summary>
    public bool NamesDuplicates { get; set; } = true;

    /// <summary>The next call of this kind for the key waits before it takes effect.</summary>
    public HeldCall HoldBefore(Call call, string key) => Hold(call, key, held => new CallPlan { Before = held.WaitAsync });

    /// <summary>The next call of this kind for the key has taken effect and waits before it answers.</summary>
    public HeldCall HoldAfter(Call call, string key) => Hold(call, key, held => new CallPlan { After = held.WaitAsync });

    /// <summary>The next call of this kind for the key ends so, and nothing happens.</summary>
    public void FailBefore(Call call, string key, Ending ending) => Plan(call, key, CallPlan.FailingBefore(ending));

    /// <summary>The next call of this kind for the key takes effect and ends so.</summary>
    public void FailAfter(Call call, string key, Ending ending) => Plan(call, key, CallPlan.FailingAfter(ending));

    public int Count(Call call, string key)
    {
        lock (_lock)
            return _calls.Count(x => x == (call, key));
    }

    /// <summary>Ids of the records that were made for a key, in order.</summary>
    public IReadOnlyList<string> CreatedFor(string key)
    {
        lock (_lock)
            return [.. _created.Where(x => x.Record.EndsWith('/' + key)).Select(x => x.Id)];
    }

    /// <summary>Target id that the key is mapped to; null without a mapping.</summary>
    public string? MappedTo(string key)
    {
        lock (_lock)
            return _mappings.TryGetValue(key, out var mapping) ? mapping.TargetId : null;
    }

    /// <summary>A mapping that somebody else has written.</summary>
    public void AddMapping(string key, string targetId, string? label)
    {
        lock (_lock)
            (_mappings[key], _mappedIds[targetId]) = ((targetId, label), key);
    }

    internal async Task<Ending?> CallAsync(Call call, string key, Func<Ending?> effect, string record, CancellationToken cancellationToken = default)
    {
        lock (_lock)
            _calls.Add((call, key));
        var underWay = (record, Interlocked.Increment(ref _createCalls));
        if (call == Call.Create)
            _creating.TryAdd(underWay, 0);
        try
        {
            var plan = _plans.TryGetValue((call, key), out var plans) && plans.TryDequeue(out var planned) ? planned : Otherwise(call, key);
            if (plan?.Before is { } before && await before().WaitAsync(cancellationToken) is { } early)
                return early.OrKill();
            Ending? ending;
            lock (_lock)
                ending = effect();
            if (plan?.After is { } after && await after() is { } late)
                return late.OrKill();
            return ending;
        }
        finally
        {
            _creating.TryRemove(underWay, out _);
        }
    }

    internal string AddRecord(string record)
    {
        var id = $"dps-{_created.Count + 1}";
        _created.Add((record, id));
        return id;
    }

    internal (string TargetId, string? Label)? FindMapping(string key) => _mappings.TryGetValue(key, out var found) ? found : null;

    internal IReadOnlyList<string> Unmapped(string record) => [.. _created.Where(x => x.Record == record && !_mappedIds.ContainsKey(x.Id)).Select(x => x.Id)];

    /// <summary>Null: 201. Otherwise the pair that stands in the way.</summary>
    internal (string Key, string TargetId, string? Label)? Map(string key, string targetId, string label)
    {
        if (_mappings.TryGetValue(key, out var standing))
            return standing.TargetId == targetId ? null : (key, standing.TargetId, standing.Label);
        if (_mappedIds.TryGetValue(targetId, out var other))
            return (other, targetId, _mappings[other].Label);
        (_mappings[key], _mappedIds[targetId]) = ((targetId, label), key);
        return null;
    }

    public IReadOnlyCollection<(string Record, string Id)> Created()
    {
        lock (_lock)
            return [.. _created];
    }

    public IReadOnlyCollection<(string Record, int Call)> CreatesUnderWay() => [.. _creating.Keys];

    public bool IsMapped(string id)
    {
        lock (_lock)
            return _mappedIds.ContainsKey(id);
    }

    HeldCall Hold(Call call, string key, Func<HeldCall, CallPlan> plan)
    {
        var held = new HeldCall();
        Plan(call, key, plan(held));
        return held;
    }

    void Plan(Call call, string key, CallPlan plan) => _plans.GetOrAdd((call, key), _ => new()).Enqueue(plan);
}

/// <summary>What a test has in mind for one call; null goes on.</summary>
public sealed record CallPlan
{
    public Func<Task<Ending?>>? Before { get; init; }
    public Func<Task<Ending?>>? After { get; init; }

    public static CallPlan FailingBefore(Ending ending) => new() { Before = () => Task.FromResult<Ending?>(ending) };

    public static CallPlan FailingAfter(Ending ending) => new() { After = () => Task.FromResult<Ending?>(ending) };
}

/// <summary>A call that stands still until it is released.</summary>
public sealed class HeldCall
{
    readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<Ending?> _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => Eventually.Ends(_reached.Task);

    /// <summary>Lets the call go on, or end so.</summary>
    public void Release(Ending? ending = null) => _released.TrySetResult(ending);

    internal Task<Ending?> WaitAsync()
    {
        _reached.TrySetResult();
        return _released.Task;
    }
}
