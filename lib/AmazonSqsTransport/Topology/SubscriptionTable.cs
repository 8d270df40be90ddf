using System.Collections.Concurrent;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Which queues get a published message: message urn → names of queues, without scope. Filled by the bus's own endpoints and by configuration.
/// Looked up by urn and not by the name of the published type, because the urns include every implemented type and are kept in an outbox row.
/// </summary>
sealed class SubscriptionTable
{
    readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> _queues = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, IReadOnlyList<string>> _declared = new(StringComparer.Ordinal);

    public void Add(string messageUrn, string queueName) =>
        _queues.GetOrAdd(messageUrn, _ => new(StringComparer.Ordinal)).TryAdd(queueName, true);

    public IReadOnlyCollection<string> Find(IReadOnlyList<string> messageUrns)
    {
        HashSet<string> found = new(StringComparer.Ordinal);
        foreach (var urn in messageUrns)
        {
            if (_queues.TryGetValue(urn, out var queues))
                found.UnionWith(queues.Keys);
        }
        return found;
    }

    /// <summary>Notes that a type is published here: its own urn first, then those of what it implements.</summary>
    public void Declare(IReadOnlyList<string> messageUrns) => _declared.TryAdd(messageUrns[0], messageUrns);

    /// <summary>
    /// The urns of declared types without a subscriber. They count as reported.
    /// </summary>
    public IReadOnlyList<string> TakeUnrouted() => [.. _declared.Values.Where(x => Find(x).Count == 0).Select(x => x[0]).Where(IsFirstReport).Order(StringComparer.Ordinal)];

    /// <summary>True the first time it is called for a type, so that a missing subscriber is reported once.</summary>
    public bool IsFirstReport(string messageUrn) => _reported.TryAdd(messageUrn, true);
}
