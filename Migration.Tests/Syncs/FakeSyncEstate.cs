using System.Collections.Concurrent;
using System.Net;
using Migration.Clients;
using Migration.Tests.Engine;

namespace Migration.Tests.Syncs;

/// <summary>NOMIS, DPS and the mapping service in memory: a record is a version number. Each call can be held, failed, or have its answer lost.</summary>
public sealed class FakeSyncEstate
{
    readonly Lock _lock = new();
    readonly Dictionary<string, int> _nomis = new(StringComparer.Ordinal);
    readonly Dictionary<string, DpsRecord> _dps = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _mappings = new(StringComparer.Ordinal);
    readonly HashSet<string> _created = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<(string Call, string Key), ConcurrentQueue<(HeldCall Held, bool IsBefore)>> _holds = new();
    int _ids;

    /// <summary>Whether a 409 of the mapping service says which mapping stands, as "key|id".</summary>
    public bool NamesDuplicates { get; set; }

    /// <summary>Asked before each call with its name (read, find, create, update, delete, map, unmap, answers) and the record's key; what it returns is the answer.</summary>
    public Func<string, string, Task<Fault>> OnCall { get; set; } = (_, _) => Task.FromResult(Fault.None);

    /// <summary>Asked after each call that has taken effect or was refused, before its answer goes back.</summary>
    public Func<Task> OnAnswer { get; set; } = () => Task.CompletedTask;

    /// <summary>All calls, as name and key.</summary>
    public ConcurrentQueue<(string Call, string Key)> Calls { get; } = new();

    /// <summary>The next such call waits before it takes effect.</summary>
    public HeldCall HoldBefore(string call, string key) => Hold(call, key, isBefore: true);

    /// <summary>The next such call has taken effect and waits before it answers.</summary>
    public HeldCall HoldAfter(string call, string key) => Hold(call, key, isBefore: false);

    public int Count(string call, string key) => Calls.Count(x => x == (call, key));

    public void SetNomis(string key, int version)
    {
        lock (_lock)
            _nomis[key] = version;
    }

    public void RemoveNomis(string key)
    {
        lock (_lock)
            _nomis.Remove(key);
    }

    public int? Nomis(string key)
    {
        lock (_lock)
            return _nomis.TryGetValue(key, out var version) ? version : null;
    }

    public IReadOnlyDictionary<string, DpsRecord> Dps
    {
        get
        {
            lock (_lock)
                return _dps.ToDictionary(StringComparer.Ordinal);
        }
    }

    /// <summary>Records of DPS that stand for the key.</summary>
    public IReadOnlyList<KeyValuePair<string, DpsRecord>> DpsOf(string key) => [.. Dps.Where(x => x.Value.Key == key)];

    public string? Mapping(string key)
    {
        lock (_lock)
            return _mappings.GetValueOrDefault(key);
    }

    /// <summary>Records that the service created, of those that still stand and that no mapping names.</summary>
    public IReadOnlyList<(string Id, string Key)> UnmappedCreations()
    {
        lock (_lock)
            return [.. _dps.Where(x => _created.Contains(x.Key) && !_mappings.ContainsValue(x.Key)).Select(x => (x.Key, x.Value.Key))];
    }

    /// <summary>Another one maps the key.</summary>
    public void Map(string key, string targetId)
    {
        lock (_lock)
            _mappings[key] = targetId;
    }

    public string AddDps(string key, int version)
    {
        lock (_lock)
        {
            var id = $"dps-{++_ids}";
            _dps[id] = new DpsRecord(key, version);
            return id;
        }
    }

    public void RemoveDps(string id)
    {
        lock (_lock)
            _dps.Remove(id);
    }

    public Task<Answer<FakeRecord>> ReadAsync(string key) => CallAsync("read", key,
        () => _nomis.TryGetValue(key, out var version) ? Done(new FakeRecord(key, version)) : Refused<FakeRecord>(404));

    public Task<Answer<string>> FindAsync(string key) => CallAsync("find", key, () => _mappings.TryGetValue(key, out var id) ? Done(id) : Refused<string>(404));

    public Task<Answer<string>> FindByTargetAsync(string id) => CallAsync("find target's", id,
        () => _mappings.FirstOrDefault(x => x.Value == id).Key is { } key ? Done(key) : Refused<string>(404));

    public Task<Answer<string>> CreateAsync(FakeRecord record) => CallAsync("create", record.Key, () =>
    {
        var id = $"dps-{++_ids}";
        _dps[id] = new DpsRecord(record.Key, record.Version);
        _created.Add(id);
        return Done(id);
    });

    public Task<Answer<string>> UpdateAsync(string id, FakeRecord record) => CallAsync("update", record.Key, () =>
    {
        if (!_dps.ContainsKey(id))
            return Refused<string>(404);
        _dps[id] = new DpsRecord(record.Key, record.Version);
        return Done(id);
    });

    public Task<Answer<NoBody>> DeleteAsync(string id) => CallAsync("delete", id, () => _dps.Remove(id) ? Done(NoBody.Instance) : Refused<NoBody>(404));

    public Task<Answer<NoBody>> AnswersAsync(string id) => CallAsync("answers", id, () => _dps.ContainsKey(id) ? Done(NoBody.Instance) : Refused<NoBody>(404));

    public Task<Answer<NoBody>> MapAsync(string key, string id) => CallAsync("map", key, () =>
    {
        if (_mappings.TryGetValue(key, out var existing) ? existing != id : _mappings.ContainsValue(id))
            return Refused<NoBody>(409, NamesDuplicates ? $"{(existing is null ? _mappings.First(x => x.Value == id).Key : key)}|{existing ?? id}" : null);
        _mappings[key] = id;
        return Done(NoBody.Instance);
    });

    public Task<Answer<NoBody>> UnmapAsync(string id) => CallAsync("unmap", id, () =>
    {
        foreach (var key in _mappings.Where(x => x.Value == id).Select(x => x.Key).ToArray())
            _mappings.Remove(key);
        return Done(NoBody.Instance);
    });

    async Task<Answer<T>> CallAsync<T>(string call, string key, Func<Answer<T>> work)
    {
        Calls.Enqueue((call, key));
        (HeldCall Held, bool IsBefore)? hold = _holds.TryGetValue((call, key), out var holds) && holds.TryDequeue(out var next) ? next : null;
        if (hold is { IsBefore: true } before)
            await before.Held.WaitAsync();
        var fault = await OnCall(call, key);
        if (fault.Status is { } status && !fault.IsExecuted)
        {
            await OnAnswer();
            return status is 408 or >= 500 ? Unknown<T>(status) : Refused<T>(status);
        }
        Answer<T> answer;
        lock (_lock)
            answer = work();
        if (hold is { IsBefore: false } after)
            await after.Held.WaitAsync();
        await OnAnswer();
        return fault.IsExecuted ? Unknown<T>(fault.Status ?? 504) : answer;
    }

    HeldCall Hold(string call, string key, bool isBefore)
    {
        var held = new HeldCall();
        _holds.GetOrAdd((call, key), _ => new()).Enqueue((held, isBefore));
        return held;
    }

    static Answer<T> Done<T>(T body) => new(AnswerKind.Done, HttpStatusCode.OK, body, null, "fake", null);

    static Answer<T> Refused<T>(int status, string? body = null) => new(AnswerKind.Refused, (HttpStatusCode)status, default, body, "fake", $"fake answered {status}");

    static Answer<T> Unknown<T>(int status) => new(AnswerKind.Unknown, (HttpStatusCode)status, default, null, "fake", $"fake answered {status}");
}

/// <summary>How a call ends other than well.</summary>
/// <param name="Status">Answered instead; null for the call's own answer.</param>
/// <param name="IsExecuted">The call is done all the same, and its answer lost.</param>
public sealed record Fault(int? Status, bool IsExecuted = false)
{
    public static readonly Fault None = new((int?)null);
    public static readonly Fault AnswerLost = new(504, IsExecuted: true);
}

/// <summary>A record with the version of its content.</summary>
public sealed record FakeRecord(string Key, int Version);

/// <summary>A record of DPS.</summary>
public sealed record DpsRecord(string Key, int Version);
