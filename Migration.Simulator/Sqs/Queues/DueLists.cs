using System.Diagnostics.CodeAnalysis;

namespace Migration.Simulator.Sqs.Queues;

/// <summary>
/// Messages that change state at a time of their own. There is one list for each length of time, and each is in order because time only grows: adding and removing
/// cost O(1), and a removed message leaves nothing behind (a priority queue would keep every deleted message until its time-out).
/// </summary>
internal sealed class DueLists
{
    readonly Dictionary<int, LinkedList<SqsMessage>> _bySeconds = [];

    /// <summary>No message is due earlier; it may be too early after a removal.</summary>
    public long NextDueAt { get; private set; } = long.MaxValue;

    public void Add(SqsMessage message, int seconds, long now)
    {
        if (!_bySeconds.TryGetValue(seconds, out var list))
            _bySeconds[seconds] = list = new LinkedList<SqsMessage>();
        message.DueAt = now + (seconds * 1000L);
        list.AddLast(message.Node);
        NextDueAt = Math.Min(NextDueAt, message.DueAt);
    }

    public static void Remove(SqsMessage message) => message.Node.List!.Remove(message.Node); // the caller knows by its state that it is in a list

    public bool TryTake(long now, [NotNullWhen(true)] out SqsMessage? message)
    {
        message = null;
        if (now < NextDueAt)
            return false;
        foreach (var list in _bySeconds.Values)
        {
            if (list.First is { } first && (message is null || first.Value.DueAt < message.DueAt))
                message = first.Value;
        }
        NextDueAt = message?.DueAt ?? long.MaxValue;
        if (message is null || message.DueAt > now)
            return false;
        Remove(message);
        return true;
    }

    public void Clear()
    {
        _bySeconds.Clear();
        NextDueAt = long.MaxValue;
    }
}
