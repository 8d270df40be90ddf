using System.Net;

namespace Migration.Sagas.Limits;

/// <summary>
/// One upstream as this process sees it: how much work may be under way at a time, by how the upstream has answered. The
/// number falls by a third when answers become slow or are refused for want of capacity, and grows by one a round while it is
/// what limits. It begins at its highest, so that a healthy upstream never waits for it. An upstream that gives no answer ten
/// times in a row is down: one piece of work at a time, at growing distances, finds out when it is back.
/// </summary>
public sealed class UpstreamLimiter(TimeProvider time)
{
    const int DownAfter = 10;
    const int LeaveAloneAfter = 3;
    const double Decrease = 0.7;
    const double SlowFactor = 3;
    static readonly TimeSpan SlowAtLeast = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    static readonly TimeSpan FirstProbe = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(30);
    static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    readonly Lock _lock = new();
    readonly SlotQueue _queue = new();
    UpstreamBounds _bounds = UpstreamBounds.Default;
    double _limit = UpstreamBounds.Default.Highest;
    int _inUse;
    bool _isPaused;
    bool _isGrowingFast;

    int _unanswered;
    int _refusedInARow;
    bool _isSlow;
    bool _isDown;
    bool _hasProbed;
    TimeSpan _probeEvery = FirstProbe;
    long _probeAt;
    long _notBefore;

    long _windowSince = time.GetTimestamp();
    (TimeSpan Sum, int Count) _window;
    TimeSpan? _usual;
    long _decreasedAt = time.GetTimestamp();

    /// <summary>Work under way at most, at present.</summary>
    public int Limit { get { lock (_lock) return (int)_limit; } }

    public int InUse { get { lock (_lock) return _inUse; } }

    /// <summary>It gives no answer; attempts that fail meanwhile say nothing about their records.</summary>
    public bool IsDown { get { lock (_lock) return _isDown; } }

    /// <summary>Whether messages that need the upstream may be polled: while it is down, only one to probe it with, and only if none waits already.</summary>
    public bool MayPoll
    {
        get
        {
            lock (_lock)
                return !_isPaused && (!_isDown || (_queue.Count == 0 && MayGrant()));
        }
    }

    public LimitedBy LimitedBy
    {
        get
        {
            lock (_lock)
            {
                if (_isPaused)
                    return LimitedBy.Paused;
                if (_isDown || !HasPassed(_notBefore) || (_queue.Count > 0 && _limit < _bounds.Highest))
                    return LimitedBy.UpstreamHealth;
                return _queue.Count > 0 ? LimitedBy.OwnLimit : LimitedBy.Nothing;
            }
        }
    }

    /// <summary>Takes a slot if one is free and nobody waits; <see cref="Leave"/> gives it back.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_queue.Count > 0 || !MayGrant())
                return false;
            _inUse++;
            return true;
        }
    }

    /// <summary>Waits for a slot; <see cref="Leave"/> gives it back.</summary>
    /// <param name="isLive">Changes of today go before bulk work, which keeps every fourth slot.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended; no slot is held.</exception>
    public async Task EnterAsync(bool isLive, CancellationToken cancellationToken)
    {
        SlotQueue.Waiter waiter;
        lock (_lock)
        {
            waiter = _queue.Add(isLive);
            GrantWaiting();
        }
        try
        {
            await waiter.Granted.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            bool isGranted;
            lock (_lock)
                isGranted = !waiter.GiveUp();
            if (isGranted)
                Leave(); // it came at the same moment
            throw;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _inUse--;
            if (_isDown && _inUse == 0 && _hasProbed)
                PutOffProbe();
            GrantWaiting();
        }
    }

    /// <summary>What an operator has written down.</summary>
    internal void Apply(UpstreamBounds bounds, bool isPaused)
    {
        lock (_lock)
        {
            if (bounds != _bounds)
                _limit = _limit >= _bounds.Highest ? bounds.Highest : Math.Clamp(_limit, bounds.Lowest, bounds.Highest);
            (_bounds, _isPaused) = (bounds, isPaused);
            GrantWaiting(); // and what waits for a time that has come
        }
    }

    /// <summary>An answer came.</summary>
    internal void Answered(HttpStatusCode status, TimeSpan took, TimeSpan? retryAfter)
    {
        lock (_lock)
        {
            // One refusal among many answers is the matter of its call. Three in a row mean us.
            _refusedInARow = status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable ? _refusedInARow + 1 : 0;
            if (_refusedInARow >= LeaveAloneAfter && retryAfter is { } wait && wait > TimeSpan.Zero)
                _notBefore = Math.Max(_notBefore, At(wait < LongestRetryAfter ? wait : LongestRetryAfter));
            if (status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
            {
                Unanswer();
                return;
            }
            _unanswered = 0;
            if (_isDown)
                ComeBack();
            if (status == HttpStatusCode.TooManyRequests)
                Shrink();
            else
                Measure(took);
        }
    }

    /// <summary>No answer came: no connection, a reset, a time-out.</summary>
    internal void NotAnswered()
    {
        lock (_lock)
            Unanswer();
    }

    bool MayGrant() => !_isPaused && HasPassed(_notBefore) && (_isDown ? _inUse == 0 && HasPassed(_probeAt) : _inUse < (int)_limit);

    void GrantWaiting()
    {
        while (MayGrant() && _queue.TryGrant())
            _inUse++;
    }

    void Unanswer()
    {
        _unanswered++;
        _hasProbed = true;
        Shrink();
        if (_isDown || _unanswered < DownAfter)
            return;
        _isDown = true;
        _hasProbed = false;
        _probeEvery = FirstProbe;
        _probeAt = At(FirstProbe);
    }

    // By work that has called: a record that somebody else has done meanwhile takes a slot, asks nothing, and finds nothing out.
    void PutOffProbe()
    {
        _hasProbed = false;
        _probeAt = At(_probeEvery);
        _probeEvery = _probeEvery * 2 < LongestProbe ? _probeEvery * 2 : LongestProbe;
    }

    void ComeBack()
    {
        _isDown = false;
        _limit = _bounds.Lowest;
        _isGrowingFast = true;
        GrantWaiting();
    }

    void Measure(TimeSpan took)
    {
        _window = (_window.Sum + took, _window.Count + 1);
        if (time.GetElapsedTime(_windowSince) >= Window)
        {
            var mean = _window.Sum / _window.Count;
            // What is usual follows a lasting change within minutes.
            _usual = _usual is not { } usual || mean < usual ? mean : usual * 1.01;
            _isSlow = mean > _usual * SlowFactor && mean > _usual + SlowAtLeast;
            if (_isSlow)
                Shrink();
            (_windowSince, _window) = (time.GetTimestamp(), default);
        }
        if (!_isSlow && _limit < _bounds.Highest && _inUse >= (int)_limit)
        {
            _limit = Math.Min(_bounds.Highest, _limit + (_isGrowingFast ? 1 : 1 / _limit));
            GrantWaiting();
        }
    }

    // Once a second at most: the answers that are under way were asked for before the last time.
    void Shrink()
    {
        if (time.GetElapsedTime(_decreasedAt) < Window)
            return;
        _limit = Math.Max(_bounds.Lowest, Math.Min(_limit, Math.Max(_inUse, 1)) * Decrease);
        _isGrowingFast = false;
        _decreasedAt = time.GetTimestamp();
    }

    long At(TimeSpan fromNow) => time.GetTimestamp() + (long)(fromNow.TotalSeconds * time.TimestampFrequency);

    bool HasPassed(long at) => at == 0 || time.GetTimestamp() >= at;
}
