using System.Diagnostics;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>
/// A record that this process holds. The lease is measured here from before the claim was sent, by stopwatch and by
/// clock, and the longer of the two is believed: a process that was frozen must not trust a timer that froze with it.
/// </summary>
public sealed class Claim
{
    readonly TimeProvider _time;
    readonly TimeSpan _lease;
    readonly (long Stopwatch, DateTimeOffset Clock) _claimedAt;
    (long Stopwatch, DateTimeOffset Clock) _leasedAt;
    volatile bool _lost;

    internal Claim(ClaimRequest request, int claimNo, int attempts, Ambiguity? ambiguity, TimeSpan lease, TimeProvider time)
    {
        (RunId, Key, Lane, Record, Token) = (request.RunId, request.Key, request.Lane, request.Record, request.Token);
        (ClaimNo, Attempts, Ambiguity) = (claimNo, attempts, ambiguity);
        (_time, _lease) = (time, lease);
        _claimedAt = _leasedAt = request.RequestedAt;
    }

    public string RunId { get; }
    public string Key { get; }
    public string Lane { get; }

    /// <summary>domain/entity/key: the record whatever run or sync works on it.</summary>
    public string Record { get; }

    /// <summary>Made anew for every delivery; with <see cref="ClaimNo"/> it guards the outcome.</summary>
    public Guid Token { get; }

    public int ClaimNo { get; }

    /// <summary>Claims of this record so far, this one included.</summary>
    public int Attempts { get; }

    /// <summary>What an earlier holder left behind; null when the record has no unknown end.</summary>
    public Ambiguity? Ambiguity { get; }

    /// <summary>Lease left by our own measure; never more than the database grants.</summary>
    public TimeSpan Remaining => _lost ? TimeSpan.Zero : _lease - Elapsed(_leasedAt);

    public TimeSpan Age => Elapsed(_claimedAt);

    public bool IsLost => _lost;

    internal void Renewed((long, DateTimeOffset) sentAt) => _leasedAt = sentAt;

    internal void Lose() => _lost = true;

    TimeSpan Elapsed((long Stopwatch, DateTimeOffset Clock) since)
    {
        var byStopwatch = Stopwatch.GetElapsedTime(since.Stopwatch);
        var byClock = _time.GetUtcNow() - since.Clock;
        return byStopwatch > byClock ? byStopwatch : byClock;
    }
}

/// <summary>A call whose end nobody knows, or a created record that waits for its mapping.</summary>
/// <param name="Kind">create, replace or set.</param>
/// <param name="TargetId">The created record when it is known, else null.</param>
public sealed record Ambiguity(string Kind, string? TargetId);
