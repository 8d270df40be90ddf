namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Decides how many polls run at once and how long to pause between them, so that each brings as many messages as it can. A backlog is read
/// without pauses by more and more polls; a steady trickle by one poll that pauses until about ten have gathered; an idle queue costs one long poll.
/// </summary>
sealed class PollPacer(int mostPolls, TimeSpan longestPause) : IDisposable
{
    readonly SemaphoreSlim _turns = new(1);
    readonly Lock _lock = new();
    TimeSpan _pause = TimeSpan.Zero;
    int _uselessPauses;
    int _pollsWithoutPause;
    int _wanted = 1;
    int _given = 1;

    public Task WaitForTurn(CancellationToken cancellationToken) => _turns.WaitAsync(cancellationToken);

    /// <summary>Learns from an answer; returns the pause to make before the turn ends.</summary>
    public TimeSpan Learn(int asked, int received)
    {
        lock (_lock)
        {
            var isFull = received >= asked;
            if (isFull && _pause == TimeSpan.Zero)
                _wanted = Math.Min(_wanted + 1, mostPolls);
            else if (!isFull)
                _wanted = Math.Max(_wanted / 2, 1);

            if (received == 0)
                _pause = TimeSpan.Zero; // the long poll has waited already
            else if (isFull)
                _pause = _pause < TimeSpan.FromMilliseconds(2) ? TimeSpan.Zero : _pause / 2;
            else if (received == 1 && _pause > TimeSpan.Zero)
                GiveUpPauses();
            else if (_pollsWithoutPause > 0)
                _pollsWithoutPause--;
            else
                _pause = _pause + longestPause / 4 < longestPause ? _pause + longestPause / 4 : longestPause;
            if (received > 1)
                (_uselessPauses, _pollsWithoutPause) = (0, 0);
            return _pause;
        }
    }

    /// <summary>
    /// A pause that gathered nothing has only made the message late: lone messages come one after the other, each perhaps because of the one before.
    /// The next attempt comes after ever more polls.
    /// </summary>
    void GiveUpPauses()
    {
        _pause = TimeSpan.Zero;
        _uselessPauses = Math.Min(_uselessPauses + 1, 6);
        _pollsWithoutPause = 1 << _uselessPauses;
    }

    /// <summary>Ends a turn, and gives as many as are wanted now.</summary>
    public void EndTurn()
    {
        lock (_lock)
        {
            _given--;
            if (_given >= _wanted)
                return;
            _turns.Release(_wanted - _given);
            _given = _wanted;
        }
    }

    public void Dispose() => _turns.Dispose();
}
