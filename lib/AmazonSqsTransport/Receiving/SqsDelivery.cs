using System.Globalization;
using Amazon.SQS.Model;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// A message in hand, from its receipt until it is deleted or given back. Its receipt is good as long as its visibility has not run out;
/// a renewal that is under way when the work ends is waited for, so that it cannot undo the back-off that follows.
/// </summary>
sealed class SqsDelivery(Message message, QueueInfo queue, SqsConnection connection, SqsReceiveSettings settings, TimeProvider time, Action workEnded)
    : ReceiveLockContext
{
    readonly Lock _lock = new();
    readonly long _receivedAt = time.GetTimestamp();
    string _receiptHandle = message.ReceiptHandle;
    int _receiveCount = ReceiveCountOf(message);
    long _hiddenSince = time.GetTimestamp();
    TimeSpan _hiddenFor = queue.VisibilityTimeout;
    TimeSpan? _redeliverAfter;
    Task _renewal = Task.CompletedTask;
    bool _isReturned;
    bool _hasEnded;
    bool _isLost;

    public Message Message { get; } = message;

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

    public void ReturnToQueue(TimeSpan? delay)
    {
        lock (_lock)
            (_isReturned, _redeliverAfter) = (true, delay ?? _redeliverAfter);
    }

    /// <summary>
    /// SQS delivered the message again while it is still being worked on here: the visibility had run out, or SQS delivered twice.
    /// The work goes on under the new receipt, and the message is not consumed a second time. False when the work has already ended.
    /// </summary>
    public bool TryAdopt(Message redelivered)
    {
        lock (_lock)
        {
            if (_hasEnded)
                return false;
            _receiptHandle = redelivered.ReceiptHandle;
            _receiveCount = ReceiveCountOf(redelivered);
            _hiddenSince = time.GetTimestamp();
            _hiddenFor = queue.VisibilityTimeout;
            _isLost = false;
            return true;
        }
    }

    /// <summary>Extends the visibility if a third of it has passed. Does nothing when the work has ended or the longest visibility is reached.</summary>
    public Task RenewIfDue()
    {
        lock (_lock)
        {
            if (_hasEnded || _isLost || !_renewal.IsCompleted || time.GetElapsedTime(_hiddenSince) < _hiddenFor / 3)
                return Task.CompletedTask;
            var left = settings.MaxVisibility - time.GetElapsedTime(_receivedAt);
            if (left < TimeSpan.FromSeconds(1))
                return Task.CompletedTask;
            _renewal = Renew(_receiptHandle, left < queue.VisibilityTimeout ? left : queue.VisibilityTimeout);
            return _renewal;
        }
    }

    public Task ValidateLockStatus() => IsExpired() ? throw Expired() : Task.CompletedTask;

    public async Task Complete()
    {
        workEnded();
        if (ReturnDelay() is { } delay)
        {
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
        workEnded();
        TimeSpan delay;
        lock (_lock)
        {
            if (_hasEnded)
                return; // thrown by Complete: the work succeeded, and there is nothing to give back
            delay = _redeliverAfter ?? settings.RedeliverAfter(_receiveCount, MaxReceiveCount);
        }
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

    async Task Renew(string receiptHandle, TimeSpan visibility)
    {
        await Task.Yield(); // the caller holds the lock
        var since = time.GetTimestamp();
        try
        {
            await connection.ChangeVisibility(queue.Name, new VisibilityEntry(receiptHandle, (int)visibility.TotalSeconds)).ConfigureAwait(false);
            lock (_lock)
            {
                if (_receiptHandle == receiptHandle)
                    (_hiddenSince, _hiddenFor) = (since, visibility);
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

    TimeSpan? ReturnDelay()
    {
        lock (_lock)
            return _isReturned ? _redeliverAfter ?? settings.RedeliverAfter(_receiveCount, MaxReceiveCount) : null;
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
