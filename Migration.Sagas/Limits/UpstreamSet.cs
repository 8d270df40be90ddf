namespace Migration.Sagas.Limits;

/// <summary>The upstreams that one kind of work needs. A slot at each is taken before the work begins, all of them or none.</summary>
public sealed class UpstreamSet(IReadOnlyList<UpstreamLimiter> limiters)
{
    /// <summary>One of them gives no answer.</summary>
    public bool IsDown => limiters.Any(x => x.IsDown);

    /// <summary>Whether messages of this work may be polled.</summary>
    public bool MayPoll
    {
        get
        {
            foreach (var limiter in limiters)
            {
                if (!limiter.MayPoll)
                    return false;
            }
            return true;
        }
    }

    /// <summary>What holds this work back most.</summary>
    public LimitedBy LimitedBy => limiters.Select(x => x.LimitedBy).DefaultIfEmpty().Max();

    /// <summary>Waits for a slot at each upstream. Dispose the result when the work has ended.</summary>
    /// <param name="isLive">Changes of today, which go before bulk work.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when there was none in time, or the wait was ended; nothing is held then.</returns>
    public async ValueTask<UpstreamSlots?> EnterAsync(bool isLive, TimeSpan patience, CancellationToken cancellationToken)
    {
        UpstreamLimiter? waitedFor = null;
        CancellationTokenSource? limit = null;
        try
        {
            // Nothing is held while another upstream is waited for: its other users could not work meanwhile.
            while (FindFull(waitedFor) is { } full)
            {
                waitedFor?.Leave();
                if (limit is null)
                {
                    limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    limit.CancelAfter(patience);
                }
                await full.EnterAsync(isLive, limit.Token);
                waitedFor = full;
            }
            return new UpstreamSlots(limiters);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            limit?.Dispose();
        }
    }

    /// <summary>The first that has no slot free; nothing is held then but the slot that was held before. Null: all are entered.</summary>
    UpstreamLimiter? FindFull(UpstreamLimiter? held)
    {
        for (var entered = 0; entered < limiters.Count; entered++)
        {
            if (limiters[entered] == held || limiters[entered].TryEnter())
                continue;
            foreach (var limiter in limiters.Take(entered).Where(x => x != held))
                limiter.Leave();
            return limiters[entered];
        }
        return null;
    }
}

/// <summary>A slot at each upstream of a set.</summary>
public sealed class UpstreamSlots : IDisposable
{
    IReadOnlyList<UpstreamLimiter>? _limiters;

    internal UpstreamSlots(IReadOnlyList<UpstreamLimiter> limiters) => _limiters = limiters;

    public void Dispose()
    {
        foreach (var limiter in Interlocked.Exchange(ref _limiters, null) ?? [])
            limiter.Leave();
    }
}
