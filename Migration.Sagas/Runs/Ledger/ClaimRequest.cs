using System.Diagnostics;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>One delivery's wish to work on a record.</summary>
public sealed record ClaimRequest(string RunId, string Key, string Lane, string Record, Guid Token)
{
    /// <summary>Stopwatch and clock before the claim was sent: the lease is counted from here.</summary>
    internal (long Stopwatch, DateTimeOffset Clock) RequestedAt { get; } = (Stopwatch.GetTimestamp(), TimeProvider.System.GetUtcNow());
}

/// <summary>What the ledger answered to a <see cref="ClaimRequest"/>.</summary>
/// <param name="Claim">The claim when it was granted, else null.</param>
/// <param name="Busy">Another holder has the record's lane; the row is deferred and its message will be sent again.</param>
/// <param name="State">State of the row that stood in the way; null when there is no such row.</param>
/// <param name="Settled">The row has been in that state for more than a minute.</param>
/// <param name="RunState">State of the run; null when there is no such run.</param>
/// <param name="Gated">A gate is paused or closed.</param>
public sealed record ClaimVerdict(Claim? Claim, bool Busy, string? State, bool Settled, string? RunState, bool Gated);
