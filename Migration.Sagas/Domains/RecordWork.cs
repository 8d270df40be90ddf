using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Domains;

/// <summary>One claimed record, as a domain sees it.</summary>
/// <param name="Claim">The claim; its <see cref="Claim.Ambiguity"/> must be read before anything is created.</param>
/// <param name="IsSafeToCallAsync">To be asked right before each call that changes the target; false means do not call.</param>
public sealed record RecordWork(Claim Claim, Func<CancellationToken, Task<bool>> IsSafeToCallAsync)
{
    public string Key => Claim.Key;
    public string RunId => Claim.RunId;
}

/// <summary>A created record whose mapping is to be written.</summary>
/// <param name="RunId">Label of the mapping.</param>
/// <param name="StartedAt">When the run began.</param>
public sealed record MappingWork(string RunId, string Key, string TargetId, DateTimeOffset StartedAt);
