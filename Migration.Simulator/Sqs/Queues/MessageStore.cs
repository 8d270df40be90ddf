using Migration.Simulator.Sqs.Protocol;

namespace Migration.Simulator.Sqs.Queues;

/// <summary>The messages of one queue and their states. Not safe for threads: <see cref="SqsQueue"/> holds its lock round every call.</summary>
internal sealed class MessageStore(long queueNumber, bool isFifo)
{
    readonly LinkedList<SqsMessage> _visible = new();
    readonly DueLists _due = new();
    readonly Dictionary<long, SqsMessage> _received = [];
    readonly Dictionary<string, int> _groupsInFlight = [];
    readonly DeduplicationWindow _deduplication = new();
    long _lastSequence;

    public int Visible => _visible.Count;

    public int InFlight { get; private set; }

    public int Delayed { get; private set; }

    public long NextDueAt => _due.NextDueAt;

    /// <summary>Makes visible what is due at <paramref name="now"/> (milliseconds).</summary>
    public void Advance(long now)
    {
        while (_due.TryTake(now, out var message))
        {
            if (message.State == MessageState.InFlight)
                Return(message);
            else
                Show(message);
        }
    }

    public void Add(SqsMessage message, long now, QueueSettings settings, bool isSend)
    {
        message.Sequence = ++_lastSequence;
        if (isFifo && isSend && message.DeduplicationId is { } id)
        {
            var key = settings.DeduplicatesByGroup ? $"{message.GroupId}\n{id}" : id;
            if (_deduplication.FindOrAdd(key, message, now) is { } first)
            {
                // accepted and not delivered again: the sender gets the answer of the first time
                message.MessageId = first.MessageId;
                message.Sequence = first.Sequence;
                return;
            }
        }
        if (isSend && message.DelaySeconds > 0)
        {
            message.State = MessageState.Delayed;
            Delayed++;
            _due.Add(message, message.DelaySeconds, now);
        }
        else
        {
            message.State = MessageState.Visible;
            _visible.AddLast(message.Node);
        }
    }

    /// <summary>Takes up to <paramref name="maximum"/> messages; those that have been received too often go to <paramref name="dead"/>.</summary>
    public List<SqsMessage> Take(int maximum, int visibilitySeconds, long now, QueueSettings settings, int maxReceiveCount, ref List<SqsMessage>? dead)
    {
        var taken = new List<SqsMessage>(Math.Min(maximum, _visible.Count));
        // messages of a group that is in flight wait, but one receive may carry several of the same group, in order
        var ownGroups = isFifo ? new HashSet<string>() : null;
        for (var node = _visible.First; node is not null && taken.Count < maximum;)
        {
            var message = node.Value;
            node = node.Next;
            if (ownGroups is not null && _groupsInFlight.ContainsKey(message.GroupId!) && !ownGroups.Contains(message.GroupId!)) // a FIFO message has a group
                continue;
            _visible.Remove(message.Node);
            if (message.SentAt + (settings.RetentionSeconds * 1000L) < now)
            {
                Forget(message);
            }
            else if (message.ReceiveCount >= maxReceiveCount)
            {
                Forget(message);
                (dead ??= []).Add(message);
            }
            else
            {
                Receive(message, visibilitySeconds, now);
                ownGroups?.Add(message.GroupId!);
                taken.Add(message);
            }
        }
        return taken;
    }

    /// <summary>Undoes a receive of which the client cannot know: the count goes back as well.</summary>
    public void PutBack(SqsMessage message, int receipt)
    {
        if (message.State != MessageState.InFlight || message.ReceiveCount != receipt)
            return;
        DueLists.Remove(message);
        message.ReceiveCount--;
        Return(message);
    }

    public void Delete(ReceiptHandle handle)
    {
        if (Find(handle) is not { } message)
            return; // deleted before: a repeated delete succeeds
        if (message.ReceiveCount != handle.Receipt || (isFifo && message.State != MessageState.InFlight))
        {
            if (isFifo)
                throw SqsException.InvalidParameter("ReceiptHandle", handle, "The receipt handle has expired.");
            return; // an old handle succeeds and deletes nothing (API reference, DeleteMessage)
        }
        if (message.State == MessageState.InFlight)
            Release(message);
        message.Node.List!.Remove(message.Node); // visible or in flight: in one of the lists
        Forget(message);
    }

    public void ChangeVisibility(ReceiptHandle handle, int seconds, long now)
    {
        if (Find(handle) is not { } message || message.ReceiveCount != handle.Receipt)
            throw SqsException.InvalidParameter("ReceiptHandle", handle, "Message does not exist or is not available for visibility timeout change.");
        if (message.State != MessageState.InFlight)
            throw SqsException.MessageNotInflight();
        if (now - message.ReceivedAt + (seconds * 1000L) > SqsLimits.VisibilitySeconds * 1000L)
            throw SqsException.InvalidParameter("VisibilityTimeout", seconds, $"Total VisibilityTimeout for the message is beyond the limit [{SqsLimits.VisibilitySeconds} seconds]");
        DueLists.Remove(message);
        if (seconds == 0)
            Return(message);
        else
            _due.Add(message, seconds, now);
    }

    public void Clear()
    {
        // messages in a list or in flight may still be in a response that is being written
        foreach (var message in _visible.Concat(_received.Values))
            message.State = MessageState.Deleted;
        _visible.Clear();
        _due.Clear();
        _received.Clear();
        _groupsInFlight.Clear();
        InFlight = Delayed = 0;
    }

    public ReceiptHandle HandleOf(SqsMessage message) => new(queueNumber, message.Sequence, message.ReceiveCount);

    void Receive(SqsMessage message, int visibilitySeconds, long now)
    {
        message.State = MessageState.InFlight;
        message.ReceiveCount++;
        message.ReceivedAt = now;
        if (message.FirstReceivedAt == 0)
            message.FirstReceivedAt = now;
        _received[message.Sequence] = message;
        InFlight++;
        if (isFifo)
            _groupsInFlight[message.GroupId!] = _groupsInFlight.GetValueOrDefault(message.GroupId!) + 1;
        _due.Add(message, visibilitySeconds, now);
    }

    void Show(SqsMessage message)
    {
        Delayed--;
        message.State = MessageState.Visible;
        _visible.AddLast(message.Node);
    }

    void Return(SqsMessage message)
    {
        Release(message);
        message.State = MessageState.Visible;
        var next = _visible.First;
        while (isFifo && next is not null && next.Value.Sequence < message.Sequence)
            next = next.Next;
        if (next is null)
            _visible.AddLast(message.Node);
        else
            _visible.AddBefore(next, message.Node);
    }

    void Release(SqsMessage message)
    {
        InFlight--;
        if (!isFifo)
            return;
        var others = _groupsInFlight[message.GroupId!] - 1;
        if (others == 0)
            _groupsInFlight.Remove(message.GroupId!);
        else
            _groupsInFlight[message.GroupId!] = others;
    }

    void Forget(SqsMessage message)
    {
        message.State = MessageState.Deleted;
        _received.Remove(message.Sequence);
    }

    SqsMessage? Find(ReceiptHandle handle)
    {
        if (handle.Queue != queueNumber || handle.Sequence > _lastSequence)
            throw SqsException.ReceiptHandleIsInvalid();
        return _received.GetValueOrDefault(handle.Sequence);
    }
}
