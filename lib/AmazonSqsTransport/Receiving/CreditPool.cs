namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Bounds what an endpoint has in hand to its prefetch count. A poll takes as many credits as it asks messages for; each comes back when its
/// message is done.
/// </summary>
sealed class CreditPool(int size) : IDisposable
{
    const int MessagesPerPoll = 10;
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    readonly SemaphoreSlim _credits = new(size, size);

    /// <summary>
    /// Takes one to ten credits; one caller at a time. It waits for ten as long as <paramref name="hasWork" /> says that the consumers have
    /// messages left to begin, then a few milliseconds more: under load a poll asks for ten, and no consumer starves for it.
    /// </summary>
    public async Task<int> Take(Func<bool> hasWork, CancellationToken cancellationToken)
    {
        await _credits.WaitAsync(cancellationToken).ConfigureAwait(false);
        var taken = 1;
        try
        {
            var wanted = Math.Min(MessagesPerPoll, size);
            while (taken < wanted)
            {
                var hadWork = hasWork();
                if (await _credits.WaitAsync(Patience, cancellationToken).ConfigureAwait(false))
                    taken++;
                else if (!hadWork)
                    break;
            }
            return taken;
        }
        catch
        {
            Return(taken);
            throw;
        }
    }

    public void Return(int credits)
    {
        if (credits > 0)
            _credits.Release(credits);
    }

    /// <summary>Completes when nothing is in hand any more. Nobody may take credits afterwards.</summary>
    public async Task WaitForAll()
    {
        for (var i = 0; i < size; i++)
            await _credits.WaitAsync().ConfigureAwait(false);
    }

    public void Dispose() => _credits.Dispose();
}
