namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Decides how many polls run at once: one while the queue is quiet, one more after each full answer, one less after each that was not.
/// An idle endpoint thus costs one long poll, and a trickle of messages is collected by one poll instead of being spread over many.
/// </summary>
sealed class PollPacer(int mostPolls) : IDisposable
{
    readonly SemaphoreSlim _turns = new(1);
    readonly Lock _lock = new();
    int _polls = 1;

    public Task WaitForTurn(CancellationToken cancellationToken) => _turns.WaitAsync(cancellationToken);

    /// <summary>Ends a turn.</summary>
    public void EndTurn(bool wasFull)
    {
        var turns = 1;
        lock (_lock)
        {
            if (wasFull && _polls < mostPolls)
            {
                _polls++;
                turns = 2;
            }
            else if (!wasFull && _polls > 1)
            {
                _polls--;
                turns = 0;
            }
        }
        if (turns > 0)
            _turns.Release(turns);
    }

    public void Dispose() => _turns.Dispose();
}
