namespace Migration.Simulator.Sqs.Queues;

/// <summary>The deduplication ids of the last five minutes of a FIFO queue.</summary>
internal sealed class DeduplicationWindow
{
    readonly Dictionary<string, SqsMessage> _seen = [];
    readonly Queue<(long Until, string Key)> _ends = [];

    /// <summary>Returns the message that has used the key within the window; if none has, notes this one and returns null.</summary>
    public SqsMessage? FindOrAdd(string key, SqsMessage message, long now)
    {
        while (_ends.TryPeek(out var oldest) && oldest.Until <= now)
            _seen.Remove(_ends.Dequeue().Key);
        if (_seen.TryGetValue(key, out var first))
            return first;
        _seen[key] = message;
        _ends.Enqueue((now + (SqsLimits.DeduplicationSeconds * 1000L), key));
        return null;
    }
}
