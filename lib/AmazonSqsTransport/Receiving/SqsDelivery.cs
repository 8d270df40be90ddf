using System.Globalization;
using Amazon.SQS.Model;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// A message in hand, from its receipt until it is deleted or given back. Its receipt is good as long as its visibility has not run out;
/// a renewal that is under way when the work ends is waited for, so that it cannot undo the back-off that follows.
/// </summary>
/// <param name="message">As it was received.</param>
/// <param name="queue">Where it was received.</param>
/// <param name="connection">Settles it.</param>
/// <param name="settings">Of the endpoint.</param>
/// <param name="time">Its timestamps.</param>
/// <param name="receivedAt">The timestamp at which SQS's answer came, from which on the message is hidden.</param>
/// <param name="slot">Its share of the endpoint's concurrency; left when the work ends.</param>
sealed class SqsDelivery(Message message, QueueInfo queue, SqsConnection connection, SqsReceiveSettings settings, TimeProvider time, long receivedAt, ConsumerSlot slot)
    : ReceiveLockContext
{
    static readonly TimeSpan LimitMargin = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly long _receivedAt = receivedAt;
    string _receiptHandle = message.ReceiptHandle;
    int _receiveCount = ReceiveCountOf(message);
    long _hiddenSince = receivedAt;
    TimeSpan _hiddenFor = queue.VisibilityTimeout;
    TimeSpan? _redeliverAfter;
    IReadOnlyList<TimeSpan>? _typeBackOff;
    Task _renewal = Task.CompletedTask;
    bool _isReturned;
    bool _hasEnded;
    bool _isLost;
    bool _isCancelled;
    Action? _cancelWork;

    public Message Message { get; } = message;

    public ConsumerSlot Slot => slot;

    /// <summary>Ends when nothing happens for this delivery any more.</summary>
    public Task Settled => _settled.Task;

    /// <summary>What has to end before this delivery begins: an earlier delivery of the same message that could not go on under this one's receipt.</summary>
    public Task Predecessor { get; set; } = Task.CompletedTask;

    public int ReceiveCount
    {
        get
        {
            lock (_lock)
                return _receiveCount;
        }
    }

    public int? MaxReceiveCount => queue.MaxReceiveCount ?? settings.DeadLetters?.MaxReceiveCount;

    public void RedeliverAfter(TimeSpan delay)
    {
        lock (_lock)
            _redeliverAfter = delay;
    }

    /// <summary>Takes the back-off table of the message's type instead of the queue's.</summary>
    public void UseBackOff(IReadOnlyList<TimeSpan> backOff)
    {
        lock (_lock)
            _typeBackOff = backOff;
    }

    public void ReturnToQueue(TimeSpan? delay)
    {
        lock (_lock)
            (_isReturned, _redeliverAfter) = (true, delay ?? _redeliverAfter);
    }

    /// <summary>
    /// SQS delivered the message again while it is still being worked on here: the visibility had run out, or SQS delivered twice.
    /// The work goes on under the new receipt, and the message is not consumed a second time. False when the work has already ended, or been
    /// cancelled, so that it would only give the new receipt back.
    /// </summary>
    public bool TryAdopt(SqsDelivery redelivered)
    {
        lock (_lock)
        {
            if (_hasEnded || _isCancelled)
                return false;
            _receiptHandle = redelivered._receiptHandle;
            _receiveCount = redelivered._receiveCount;
            _hiddenSince = redelivered._hiddenSince;
            _hiddenFor = redelivered._hiddenFor;
            _isLost = false;
            return true;
        }
    }

    /// <summary>
    /// Sets how the work is told that the message is not ours any more; must not throw. It may still end as it likes: it will not be reported as consumed.
    /// </summary>
    public void CancelWorkBy(Action cancel)
    {
        lock (_lock)
            _cancelWork = cancel;
    }

    /// <summary>
    /// Extends the visibility if a third of it has passed. When that was not possible, and the visibility ends before the loop comes by again, the
    /// work is cancelled instead: neither it nor its retries go on while somebody else has the message. Consumers' callbacks run elsewhere, for they may
    /// block or throw, and the caller has other deliveries to look after.
    /// </summary>
    public void RenewIfDue(TimeSpan untilNextTime)
    {
        Action? cancel;
        lock (_lock)
        {
            if (_hasEnded || _isCancelled)
                return;
            var sinceHidden = time.GetElapsedTime(_hiddenSince);
            if (!_isLost && _renewal.IsCompleted && sinceHidden >= _hiddenFor / 3 && NextVisibility() is var seconds && seconds > untilNextTime.TotalSeconds)
            {
                _renewal = Renew(_receiptHandle, seconds);
                return;
            }
            if (!_isLost && sinceHidden + untilNextTime < _hiddenFor)
                return;
            if (_cancelWork is null)
                return; // not begun
            (cancel, _isCancelled) = (_cancelWork, true);
        }
        LogContext.Warning?.Log("The visibility of message {MessageId} of queue {Queue} runs out, its work is cancelled", Message.MessageId, queue.Name);
        ThreadPool.QueueUserWorkItem(static x => x(), cancel, preferLocal: false);
    }

    /// <summary>Throws when the visibility has run out: what happens to the message is somebody else's business now.</summary>
    public Task ValidateLockStatus() => IsExpired() ? throw Expired() : Task.CompletedTask;

    public async Task Complete()
    {
        slot.Leave();
        if (ReturnDelay() is { } delay)
        {
            CountIfDeadLettered();
            await GiveBack(delay).ConfigureAwait(false);
            return;
        }
        var (receiptHandle, wasExpired) = End();
        try
        {
            await connection.Delete(queue.Name, receiptHandle).ConfigureAwait(false);
        }
        catch (Exception exception) when (SqsErrors.IsLostReceipt(exception))
        {
            throw Expired(exception);
        }
        // SQS may report a delete by an expired receipt as done and deliver the message again all the same.
        if (wasExpired)
            throw Expired();
    }

    public async Task Faulted(Exception exception)
    {
        slot.Leave();
        TimeSpan delay;
        lock (_lock)
        {
            if (_hasEnded)
                return; // thrown by Complete: the work succeeded, and there is nothing to give back
            delay = _redeliverAfter ?? settings.RedeliverAfter(_receiveCount, MaxReceiveCount, _typeBackOff);
        }
        CountIfDeadLettered();
        await GiveBack(delay).ConfigureAwait(false);
    }

    /// <summary>Makes the message visible again after <paramref name="delay" />. A failure is logged: the message comes back by itself, only later.</summary>
    public async Task GiveBack(TimeSpan delay)
    {
        var (receiptHandle, wasExpired) = End();
        if (wasExpired)
            return;
        try
        {
            await _renewal.ConfigureAwait(false);
            var seconds = (int)Math.Ceiling(Math.Clamp(delay.TotalSeconds, 0, SqsReceiveSettings.LongestVisibility.TotalSeconds));
            await connection.ChangeVisibility(queue.Name, new VisibilityEntry(receiptHandle, seconds)).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogContext.Warning?.Log(exception, "Message {MessageId} of queue {Queue} stays hidden until its visibility runs out", Message.MessageId, queue.Name);
        }
    }

    /// <summary>Says that nothing happens for this delivery any more.</summary>
    public void Leave()
    {
        slot.Leave();
        _settled.TrySetResult();
    }

    /// <summary>Whole seconds that a renewal may ask for; none are left when the longest visibility is reached.</summary>
    int NextVisibility()
    {
        var wanted = settings.Renewal ?? queue.VisibilityTimeout;
        var left = settings.MaxVisibility - time.GetElapsedTime(_receivedAt);
        // SQS counts its twelve hours from before we had the message, and refuses a renewal that goes beyond them.
        if (settings.MaxVisibility == SqsReceiveSettings.LongestVisibility)
            left -= LimitMargin;
        return (int)(left < wanted ? left : wanted).TotalSeconds;
    }

    async Task Renew(string receiptHandle, int seconds)
    {
        await Task.Yield(); // the caller holds the lock
        var since = time.GetTimestamp();
        try
        {
            await connection.ChangeVisibility(queue.Name, new VisibilityEntry(receiptHandle, seconds)).ConfigureAwait(false);
            lock (_lock)
            {
                if (_receiptHandle == receiptHandle)
                    (_hiddenSince, _hiddenFor) = (since, TimeSpan.FromSeconds(seconds));
            }
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                if (_hasEnded)
                    return; // deleted or given back meanwhile
                if (_receiptHandle == receiptHandle && SqsErrors.IsLostReceipt(exception))
                    _isLost = true;
            }
            LogContext.Warning?.Log(exception, "The visibility of message {MessageId} of queue {Queue} was not extended", Message.MessageId, queue.Name);
        }
    }

    /// <summary>SQS moves the message when it would be received once more.</summary>
    void CountIfDeadLettered()
    {
        if (ReceiveCount >= MaxReceiveCount)
            TransportMetrics.DeadLettered(queue.Name);
    }

    TimeSpan? ReturnDelay()
    {
        lock (_lock)
            return _isReturned ? _redeliverAfter ?? settings.RedeliverAfter(_receiveCount, MaxReceiveCount, _typeBackOff) : null;
    }

    (string ReceiptHandle, bool WasExpired) End()
    {
        lock (_lock)
        {
            _hasEnded = true;
            return (_receiptHandle, IsExpiredNow());
        }
    }

    bool IsExpired()
    {
        lock (_lock)
            return IsExpiredNow();
    }

    bool IsExpiredNow() => _isLost || time.GetElapsedTime(_hiddenSince) >= _hiddenFor;

    TransportException Expired(Exception? inner = null)
    {
        var text = $"The visibility of message {Message.MessageId} has run out; it is or will be delivered again";
        Uri address = new($"queue:{queue.Name}");
        return inner is null ? new TransportException(address, text) : new TransportException(address, text, inner);
    }

    static int ReceiveCountOf(Message message) =>
        int.TryParse(message.Attributes?.GetValueOrDefault("ApproximateReceiveCount"), CultureInfo.InvariantCulture, out var count) ? count : 1;
}
