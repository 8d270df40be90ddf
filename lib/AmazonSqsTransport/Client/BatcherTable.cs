using System.Collections.Concurrent;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// The batchers of one action by queue. A process that answers requests meets ever new temporary queues; so a table that has become large lets go of
/// those that have been idle. Who still holds such a batcher may use it: it works, it is only not found any more.
/// </summary>
sealed class BatcherTable<TEntry>(Func<string, RequestBatcher<TEntry>> create, Action<string> dropped, TimeProvider time)
{
    const int LargeCount = 64;
    static readonly TimeSpan LongIdle = TimeSpan.FromMinutes(1);

    readonly ConcurrentDictionary<string, Lazy<RequestBatcher<TEntry>>> _batchers = new(StringComparer.Ordinal);
    long _lastPruning = time.GetTimestamp();

    public RequestBatcher<TEntry> Get(string queueName)
    {
        if (_batchers.TryGetValue(queueName, out var existing))
            return existing.Value;
        if (_batchers.Count >= LargeCount)
            Prune();
        return _batchers.GetOrAdd(queueName, name => new(() => create(name))).Value;
    }

    /// <summary>Sends what is left of all, and waits for it.</summary>
    public Task Drain() => Task.WhenAll(_batchers.Values.Select(x => x.Value.DisposeAsync().AsTask()));

    void Prune()
    {
        var last = Volatile.Read(ref _lastPruning);
        if (time.GetElapsedTime(last) < LongIdle || Interlocked.CompareExchange(ref _lastPruning, time.GetTimestamp(), last) != last)
            return;
        foreach (var entry in _batchers)
        {
            if (!entry.Value.IsValueCreated || !entry.Value.Value.IsIdleFor(LongIdle) || !_batchers.TryRemove(entry))
                continue;
            dropped(entry.Key);
        }
    }
}
