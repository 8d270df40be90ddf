using Migration.Simulator.Sqs.Protocol;

namespace Migration.Simulator.Sqs.Queues;

/// <summary>One queue: its messages under one lock, and the long polls that wait for them.</summary>
internal sealed class SqsQueue : IDisposable
{
    readonly Lock _lock = new();
    readonly SqsClock _clock;
    readonly MessageStore _messages;
    readonly LinkedList<TaskCompletionSource> _waiters = new();
    readonly ITimer _alarm;
    long _alarmAt = long.MaxValue;
    long _purgedAt = long.MinValue;
    bool _isDeleted;

    public SqsQueue(string name, string arn, QueueSettings settings, SqsClock clock)
    {
        Name = name;
        Arn = arn;
        Settings = settings;
        _clock = clock;
        _messages = new MessageStore(Random.Shared.NextInt64(), settings.IsFifo);
        CreatedAt = ModifiedAt = clock.Now;
        _alarm = clock.Time.CreateTimer(_ => OnAlarm(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Name { get; }

    public string Arn { get; }

    public QueueSettings Settings { get; private set; }

    public long CreatedAt { get; }

    public long ModifiedAt { get; private set; }

    public Dictionary<string, string> Tags { get; } = [];

    public SqsQueueDepth Depth
    {
        get
        {
            lock (_lock)
            {
                _messages.Advance(_clock.Now);
                return new SqsQueueDepth(Name, _messages.Visible, _messages.InFlight, _messages.Delayed);
            }
        }
    }

    public void Change(QueueSettings settings)
    {
        lock (_lock)
        {
            Settings = settings;
            ModifiedAt = _clock.Now;
        }
    }

    public void ChangeTags(Action<Dictionary<string, string>> change)
    {
        lock (_lock)
            change(Tags);
    }

    public void Send(IReadOnlyList<SqsMessage> messages, bool isRedrive = false)
    {
        lock (_lock)
        {
            ThrowIfDeleted();
            var now = _clock.Now;
            foreach (var message in messages)
            {
                if (!isRedrive)
                    message.SentAt = now;
                _messages.Add(message, now, Settings, isSend: !isRedrive);
            }
            // One poll is woken for all of them, so that it can take ten; what it leaves wakes the next.
            WakeOne();
            SetAlarm();
        }
    }

    /// <summary>
    /// Takes messages, waiting up to <paramref name="wait"/> for the first. A cancelled wait takes nothing. Whoever cannot hand them to the client gives them to
    /// <see cref="PutBack"/>.
    /// </summary>
    public async Task<List<ReceivedMessage>> ReceiveAsync(int maximum, int visibilitySeconds, TimeSpan wait, Func<string, SqsQueue?> findByArn, Func<bool> isClientGone, CancellationToken cancellationToken)
    {
        var until = _clock.Now + (long)wait.TotalMilliseconds;
        while (true)
        {
            LinkedListNode<TaskCompletionSource> waiter;
            TimeSpan left;
            List<SqsMessage>? dead = null;
            List<ReceivedMessage> taken;
            lock (_lock)
            {
                ThrowIfDeleted();
                taken = Take(maximum, visibilitySeconds, findByArn, wait == TimeSpan.Zero, ref dead);
                left = TimeSpan.FromMilliseconds(until - _clock.Now);
                waiter = new LinkedListNode<TaskCompletionSource>(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                if (taken.Count == 0 && dead is null && left > TimeSpan.Zero)
                {
                    _waiters.AddLast(waiter);
                    SetAlarm();
                }
                else
                {
                    WakeOne();
                }
            }
            if (dead is not null)
                BuryDead(dead, findByArn); // outside the lock: two queues are never locked at once
            if (taken.Count > 0 || left <= TimeSpan.Zero)
                return taken;
            if (dead is null)
                await WaitAsync(waiter, left, isClientGone, cancellationToken);
        }
    }

    /// <summary>Makes messages visible again that were taken for a client that is gone.</summary>
    public void PutBack(IReadOnlyList<ReceivedMessage> taken)
    {
        lock (_lock)
        {
            for (var i = taken.Count - 1; i >= 0; i--) // the first goes in last, to the very front
                _messages.PutBack(taken[i].Message, taken[i].Handle.Receipt);
            WakeOne();
        }
    }

    public void Delete(ReceiptHandle handle)
    {
        lock (_lock)
        {
            ThrowIfDeleted();
            _messages.Advance(_clock.Now);
            _messages.Delete(handle);
            if (Settings.IsFifo)
                WakeOne(); // the group may be free now
        }
    }

    public void ChangeVisibility(ReceiptHandle handle, int seconds)
    {
        lock (_lock)
        {
            ThrowIfDeleted();
            var now = _clock.Now;
            _messages.Advance(now);
            _messages.ChangeVisibility(handle, seconds, now);
            WakeOne();
            SetAlarm();
        }
    }

    public void Purge(TimeSpan interval)
    {
        lock (_lock)
        {
            ThrowIfDeleted();
            if (_purgedAt != long.MinValue && _clock.Now - _purgedAt < interval.TotalMilliseconds)
                throw SqsException.PurgeInProgress(Name, interval);
            _purgedAt = _clock.Now;
            _messages.Clear();
        }
    }

    /// <summary>Removes the visible messages that <paramref name="destinationOf"/> has a place for, and sends each there as a new message. Returns how many moved and how many had none.</summary>
    public (int Moved, int Left) MoveVisible(Func<SqsMessage, SqsQueue?> destinationOf)
    {
        List<SqsMessage>? dead = null;
        List<SqsMessage> taken;
        lock (_lock)
        {
            var now = _clock.Now;
            _messages.Advance(now);
            taken = _messages.Take(int.MaxValue, SqsLimits.VisibilitySeconds, now, Settings, int.MaxValue, ref dead);
        }
        var moved = 0;
        var left = new List<ReceivedMessage>();
        foreach (var message in taken)
        {
            var handle = _messages.HandleOf(message);
            if (destinationOf(message) is { } destination)
            {
                // A redriven message is a new one: new id, no receives (developer guide, "dead-letter queue redrive").
                var copy = message.Copy(Guid.NewGuid().ToString());
                copy.SentAt = _clock.Now;
                destination.Send([copy], isRedrive: true);
                Delete(handle);
                moved++;
            }
            else
            {
                left.Add(new ReceivedMessage(message, handle));
            }
        }
        PutBack(left);
        return (moved, left.Count);
    }

    /// <summary>Ends the queue; the polls that wait get the error of a missing queue.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDeleted = true;
            _messages.Clear();
            foreach (var waiter in _waiters)
                waiter.TrySetResult();
            _waiters.Clear();
        }
        _alarm.Dispose();
    }

    List<ReceivedMessage> Take(int maximum, int visibilitySeconds, Func<string, SqsQueue?> findByArn, bool isShortPoll, ref List<SqsMessage>? dead)
    {
        var now = _clock.Now;
        _messages.Advance(now);
        if (_messages.InFlight >= SqsLimits.InFlight)
            return isShortPoll ? throw SqsException.OverLimit("Too many messages in flight.") : [];
        // a policy whose target is gone moves nothing
        var maxReceiveCount = Settings.Redrive is { } redrive && findByArn(redrive.TargetArn) is not null ? redrive.MaxReceiveCount : int.MaxValue;
        var messages = _messages.Take(maximum, visibilitySeconds, now, Settings, maxReceiveCount, ref dead);
        var taken = new List<ReceivedMessage>(messages.Count);
        foreach (var message in messages)
            taken.Add(new ReceivedMessage(message, _messages.HandleOf(message)));
        if (visibilitySeconds == 0)
            _messages.Advance(now);
        return taken;
    }

    void BuryDead(List<SqsMessage> dead, Func<string, SqsQueue?> findByArn)
    {
        foreach (var message in dead)
            message.DeadLetterSourceArn = Arn;
        (findByArn(Settings.Redrive?.TargetArn ?? "") ?? this).Send(dead, isRedrive: true);
    }

    async Task WaitAsync(LinkedListNode<TaskCompletionSource> waiter, TimeSpan left, Func<bool> isClientGone, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Value.Task.WaitAsync(left, _clock.Time, cancellationToken);
            if (isClientGone())
                throw new OperationCanceledException("The client is gone.", cancellationToken);
        }
        catch (TimeoutException)
        {
            // the caller looks once more and then answers with nothing
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                if (waiter.List is null)
                    WakeOne(); // it had been chosen for messages that another must take now
            }
            throw;
        }
        finally
        {
            lock (_lock)
            {
                if (waiter.List is not null)
                    _waiters.Remove(waiter);
            }
        }
    }

    void WakeOne()
    {
        if (_messages.Visible == 0 || _waiters.First is not { } first)
            return;
        _waiters.Remove(first);
        first.Value.TrySetResult();
    }

    /// <summary>One timer a queue, and only while a poll waits: it wakes when the next message becomes visible by itself.</summary>
    void SetAlarm()
    {
        if (_isDeleted || _waiters.Count == 0 || _messages.NextDueAt >= _alarmAt)
            return;
        _alarmAt = _messages.NextDueAt;
        _alarm.Change(TimeSpan.FromMilliseconds(Math.Max(1, _alarmAt - _clock.Now)), Timeout.InfiniteTimeSpan);
    }

    void OnAlarm()
    {
        lock (_lock)
        {
            _alarmAt = long.MaxValue;
            _messages.Advance(_clock.Now);
            WakeOne();
            SetAlarm();
        }
    }

    void ThrowIfDeleted()
    {
        if (_isDeleted)
            throw SqsException.QueueDoesNotExist();
    }
}

/// <summary>A message and the handle of this receipt of it.</summary>
internal readonly record struct ReceivedMessage(SqsMessage Message, ReceiptHandle Handle);
