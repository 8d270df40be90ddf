using Amazon.SQS.Model;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Groups entries for one queue and one action into requests of ten. A full batch goes out as soon as there is a free slot; an incomplete one
/// at once while nothing is under way, else when its linger is over (after Nagle's rule). So a lone entry does not wait, and under load
/// requests are full. Callers wait for their own entry only, which bounds the queue by the number of callers.
/// </summary>
sealed class RequestBatcher<TEntry> : IAsyncDisposable
{
    const int MaxAttempts = 8;
    const int FewCallers = 3;
    static readonly BackOff BackOff = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));

    readonly Lock _lock = new();
    readonly Queue<Pending> _queue = new();
    readonly Func<IReadOnlyList<TEntry>, Task<IReadOnlyDictionary<int, SqsEntryException>>> _request;
    readonly Func<TEntry, int> _size;
    readonly BatchLimits _limits;
    readonly TimeProvider _time;
    readonly ITimer _timer;
    readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _underWay;
    int _lastCount;
    long _lastSentAt;
    bool _closing;

    /// <summary>Starts empty. The request delegate makes one request and returns the refused entries by index; size is in bytes.</summary>
    public RequestBatcher(Func<IReadOnlyList<TEntry>, Task<IReadOnlyDictionary<int, SqsEntryException>>> request, Func<TEntry, int> size,
        BatchLimits limits, TimeProvider time)
    {
        _request = request;
        _size = size;
        _limits = limits;
        _time = time;
        _lastSentAt = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Dispatch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Completes when SQS has accepted the entry. Cancellation takes back an entry that is not under way yet; for one that is, only the wait ends: SQS may
    /// have accepted it, or do so later.
    /// </summary>
    public async Task Execute(TEntry entry, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new Pending(entry, _size(entry), _time.GetTimestamp());
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            _queue.Enqueue(pending);
        }
        Dispatch();
        if (!cancellationToken.CanBeCanceled)
        {
            await pending.Completion.Task.ConfigureAwait(false);
            return;
        }
        var registration = cancellationToken.Register(() => pending.TakeBack(cancellationToken));
        await using (registration.ConfigureAwait(false))
            await pending.Completion.Task.ConfigureAwait(false);
    }

    /// <summary>True when nothing waits, nothing is under way and nothing was for that long.</summary>
    public bool IsIdleFor(TimeSpan duration)
    {
        lock (_lock)
            return _queue.Count == 0 && _underWay == 0 && _time.GetElapsedTime(_lastSentAt) > duration;
    }

    /// <summary>Sends what is left and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _closing = true;
        }
        Dispatch();
        await _drained.Task.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    void Dispatch()
    {
        // Unsafe: the request belongs to ten callers, so it must not run in the activity of the one who happened to complete the batch.
        while (TakeDueBatch() is { } batch)
            ThreadPool.UnsafeQueueUserWorkItem(x => _ = Run(x), batch, preferLocal: false);
    }

    List<Pending>? TakeDueBatch()
    {
        lock (_lock)
        {
            while (_queue.TryPeek(out var cancelled) && cancelled.IsTakenBack)
                _queue.Dequeue();
            SetDrained();
            if (_queue.Count == 0 || _underWay >= _limits.Concurrency)
                return null;

            if (!IsFull() && !_closing)
            {
                var linger = IsBusy() ? _limits.BusyLinger : _limits.IdleLinger;
                var left = linger - _time.GetElapsedTime(_queue.Peek().EnqueuedAt);
                if (left > TimeSpan.Zero)
                {
                    _timer.Change(left, Timeout.InfiniteTimeSpan);
                    return null;
                }
            }

            List<Pending> batch = new(BatchLimits.MaxEntries);
            var bytes = 0;
            while (batch.Count < BatchLimits.MaxEntries && _queue.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Bytes <= BatchLimits.MaxBytes))
            {
                _queue.Dequeue();
                if (!next.TryStart())
                    continue;
                bytes += next.Bytes;
                batch.Add(next);
            }
            if (batch.Count == 0)
                return null;
            _underWay++;
            (_lastCount, _lastSentAt) = (batch.Count, _time.GetTimestamp());
            return batch;
        }
    }

    /// <summary>
    /// True while a request is under way, and for a moment after one that carried the entries of several callers: more are likely to follow.
    /// One caller who sends one message after the other is never made to wait.
    /// </summary>
    bool IsBusy() => _underWay > 0 || (_lastCount >= FewCallers && _time.GetElapsedTime(_lastSentAt) < _limits.BusyLinger);

    void SetDrained()
    {
        if (_closing && _underWay == 0 && _queue.Count == 0)
            _drained.TrySetResult();
    }

    bool IsFull()
    {
        if (_queue.Count >= BatchLimits.MaxEntries)
            return true;
        var bytes = 0;
        foreach (var pending in _queue)
            bytes += pending.Bytes;
        return bytes >= BatchLimits.MaxBytes;
    }

    async Task Run(List<Pending> batch)
    {
        try
        {
            await Request(batch).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _underWay--;
            }
            Dispatch();
        }
    }

    async Task Request(List<Pending> batch)
    {
        try
        {
            var entries = batch.ConvertAll(x => x.Entry);
            var refused = await RequestWithBackOff(entries).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++)
            {
                if (!refused.ContainsKey(i))
                    batch[i].Completion.TrySetResult();
            }
            foreach (var (index, failure) in refused)
                await RepeatAlone(batch[index], failure).ConfigureAwait(false);
        }
        catch (BatchRequestTooLongException) when (batch.Count > 1)
        {
            foreach (var pending in batch)
                await Request([pending]).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            foreach (var pending in batch)
                pending.Completion.TrySetException(exception);
        }
    }

    /// <summary>
    /// What SQS could not take for reasons of its own is repeated by itself, so that one bad entry never holds up nine good ones. One after the other, in
    /// the slot of their request: SQS that refuses entries is not asked more often for it.
    /// </summary>
    async Task RepeatAlone(Pending pending, SqsEntryException failure)
    {
        try
        {
            for (var attempt = 0; attempt < MaxAttempts && SqsErrors.IsWorthRepeating(failure); attempt++)
            {
                await Task.Delay(BackOff.Delay(attempt), _time).ConfigureAwait(false);
                var refused = await RequestWithBackOff([pending.Entry]).ConfigureAwait(false);
                if (!refused.TryGetValue(0, out var next))
                {
                    pending.Completion.TrySetResult();
                    return;
                }
                failure = next;
            }
            pending.Completion.TrySetException(failure);
        }
        catch (Exception exception)
        {
            pending.Completion.TrySetException(exception);
        }
    }

    /// <summary>The SDK has its own few retries; a throttled queue gets more time. The slot stays taken, which slows everybody down as it should.</summary>
    async Task<IReadOnlyDictionary<int, SqsEntryException>> RequestWithBackOff(IReadOnlyList<TEntry> entries)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await _request(entries).ConfigureAwait(false);
            }
            catch (Exception exception) when (SqsErrors.IsThrottling(exception) && attempt < MaxAttempts)
            {
                await Task.Delay(BackOff.Delay(attempt), _time).ConfigureAwait(false);
            }
        }
    }

    sealed class Pending(TEntry entry, int bytes, long enqueuedAt)
    {
        const int Waiting = 0, Started = 1, TakenBack = 2;
        int _state;

        public TEntry Entry { get; } = entry;
        public int Bytes { get; } = bytes;
        public long EnqueuedAt { get; } = enqueuedAt;
        public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool IsTakenBack => Volatile.Read(ref _state) == TakenBack;

        public bool TryStart() => Interlocked.CompareExchange(ref _state, Started, Waiting) == Waiting;

        public void TakeBack(CancellationToken cancellationToken)
        {
            Interlocked.CompareExchange(ref _state, TakenBack, Waiting);
            Completion.TrySetCanceled(cancellationToken);
        }
    }
}
