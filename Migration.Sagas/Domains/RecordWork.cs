using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Domains;

/// <summary>One claimed record, as a domain sees it.</summary>
/// <param name="Claim">The claim; its <see cref="Claim.Ambiguity"/> must be read before anything is created.</param>
/// <param name="IsSafeToCallAsync">To be asked right before each call that changes the target; false means do not call.</param>
/// <param name="TryEnterAsync">
/// Takes further lanes, of what the record turns out to join: a person's relationships, each with its prisoner. All of them before the
/// first call that changes the target. False: one is held by somebody else, and the record is to end as <see cref="RecordOutcome.Released"/>,
/// which frees them and has it tried again later.
/// </param>
public sealed record RecordWork(Claim Claim, Func<CancellationToken, Task<bool>> IsSafeToCallAsync, Func<IReadOnlyCollection<string>, CancellationToken, Task<bool>> TryEnterAsync)
{
    public string Key => Claim.Key;
    public string RunId => Claim.RunId;
}

/// <summary>A created record whose mapping is to be written.</summary>
/// <param name="RunId">Label of the mapping.</param>
/// <param name="StartedAt">When the run began.</param>
public sealed record MappingWork(string RunId, string Key, string TargetId, DateTimeOffset StartedAt);
