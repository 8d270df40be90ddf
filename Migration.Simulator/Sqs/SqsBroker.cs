using System.Collections.Concurrent;
using Migration.Simulator.Sqs.Protocol;
using Migration.Simulator.Sqs.Queues;

namespace Migration.Simulator.Sqs;

/// <summary>
/// The queues of one account in one region, in memory. What Amazon does and this does not: permissions and policies, encryption, at most 60 s of memory of deleted
/// names (QueueDeletedRecently), approximate counts, and losing the order of standard queues.
/// </summary>
public sealed class SqsBroker
{
    const string Account = "000000000000";
    const string ArnPrefix = $"arn:aws:sqs:eu-west-2:{Account}:";

    readonly ConcurrentDictionary<string, SqsQueue> _queues = new();
    readonly ConcurrentDictionary<string, long> _requests = new();
    readonly Lock _structure = new();
    readonly SqsClock _clock;

    /// <summary>A broker without queues.</summary>
    /// <param name="time">Drives delays, visibility, retention, deduplication and long polls; the system's clock when absent.</param>
    public SqsBroker(TimeProvider? time = null) => _clock = new SqsClock(time ?? TimeProvider.System);

    /// <summary>A queue may be purged once in this time; 60 seconds, as on Amazon. Tests lower it.</summary>
    public TimeSpan PurgeInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>What goes wrong on purpose.</summary>
    public SqsFaults Faults { get; } = new();

    /// <summary>Every queue's depth, by name.</summary>
    public IReadOnlyList<SqsQueueDepth> Depths => [.. _queues.Values.Select(x => x.Depth).OrderBy(x => x.Name, StringComparer.Ordinal)];

    /// <summary>The requests since the start.</summary>
    public SqsRequestCounts Requests
    {
        get
        {
            var byAction = new SortedDictionary<string, long>(_requests, StringComparer.Ordinal);
            return new SqsRequestCounts(byAction.Values.Sum(), byAction);
        }
    }

    /// <summary>Deletes all queues with their messages.</summary>
    public void DeleteAllQueues()
    {
        foreach (var name in _queues.Keys)
            Delete(name);
    }

    internal long Now => _clock.Now;

    internal IEnumerable<SqsQueue> Queues => _queues.Values.OrderBy(x => x.Name, StringComparer.Ordinal);

    internal MoveTasks MoveTasks { get; } = new();

    internal void Count(string action) => _requests.AddOrUpdate(action, 1, (_, count) => count + 1);

    internal static string PathOf(SqsQueue queue) => $"/{Account}/{queue.Name}";

    internal SqsQueue Get(string? name) => _queues.TryGetValue(name ?? throw SqsException.MissingParameter("QueueName"), out var queue)
        ? queue
        : throw SqsException.QueueDoesNotExist();

    internal SqsQueue GetByUrl(string? url)
    {
        if (string.IsNullOrEmpty(url))
            throw SqsException.MissingParameter("QueueUrl");
        var slash = url.LastIndexOf('/');
        return _queues.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(url.AsSpan(slash + 1), out var queue) ? queue : throw SqsException.QueueDoesNotExist();
    }

    internal SqsQueue? FindByArn(string arn) => arn.StartsWith(ArnPrefix, StringComparison.Ordinal) ? _queues.GetValueOrDefault(arn[ArnPrefix.Length..]) : null;

    internal SqsQueue Create(string? name, IReadOnlyDictionary<string, string>? attributes, IReadOnlyDictionary<string, string>? tags)
    {
        if (name is null || !IsQueueName(name))
            throw SqsException.InvalidParameter("QueueName", name, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
        var settings = QueueSettings.Create(name, attributes);
        lock (_structure)
        {
            if (_queues.TryGetValue(name, out var existing))
                return existing.Settings.FirstDifference(attributes) is { } difference ? throw SqsException.QueueNameExists(difference) : existing;
            CheckRedrive(settings);
            var queue = new SqsQueue(name, ArnPrefix + name, settings, _clock);
            foreach (var (key, value) in tags ?? new Dictionary<string, string>())
                queue.Tags[key] = value;
            return _queues[name] = queue;
        }
    }

    internal void Change(SqsQueue queue, IReadOnlyDictionary<string, string>? attributes)
    {
        if (attributes?.ContainsKey("FifoQueue") == true)
            throw SqsException.InvalidAttributeName("FifoQueue"); // a queue keeps its kind
        lock (_structure)
        {
            var settings = queue.Settings.With(attributes);
            CheckRedrive(settings);
            queue.Change(settings);
        }
    }

    internal void Delete(string name)
    {
        if (_queues.TryRemove(name, out var queue))
            queue.Dispose();
    }

    void CheckRedrive(QueueSettings settings)
    {
        if (settings.Redrive is not { } redrive)
            return;
        var target = FindByArn(redrive.TargetArn)
            ?? throw SqsException.InvalidParameter("RedrivePolicy", settings.Attributes["RedrivePolicy"], "Dead letter target does not exist.");
        if (target.Settings.IsFifo != settings.IsFifo)
            throw SqsException.InvalidParameter("RedrivePolicy", settings.Attributes["RedrivePolicy"], "Dead-letter queue must be same type of queue as the source.");
    }

    static bool IsQueueName(string name)
    {
        var stem = name.EndsWith(".fifo", StringComparison.Ordinal) ? name[..^5] : name;
        return name.Length <= 80 && stem.Length > 0 && stem.All(x => char.IsAsciiLetterOrDigit(x) || x is '-' or '_');
    }
}
