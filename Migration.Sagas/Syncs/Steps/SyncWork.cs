using Migration.Contracts.Syncs;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>One change in its lanes, as a domain sees it.</summary>
public sealed record SyncWork
{
    /// <summary>The sync; for an event its SNS message id.</summary>
    public required Guid SyncId { get; init; }

    public required SyncChange Change { get; init; }

    /// <summary>
    /// The mapping has failed before, in this sync, in another, or in the service that left it to us: it is told of differently. A record
    /// that is mapped without having been created by this sync was left behind so.
    /// </summary>
    public required bool IsMappingRetry { get; init; }

    /// <summary>
    /// To be asked before the first call that changes the target: writes down that it is about to be made. An answer that is not
    /// granted means that another delivery has taken over: do not call.
    /// </summary>
    /// <remarks>Argument: what the calls may do, create, replace or set (protocol section 4).</remarks>
    public required Func<string, CancellationToken, Task<StepGrant>> BeginAsync { get; init; }

    public string Key => Change.Key;
}

/// <summary>The word to go ahead.</summary>
/// <param name="IsGranted">False: do not call.</param>
/// <param name="Ambiguity">An earlier call that would have created the record and whose end is unknown; must be heeded before anything is created.</param>
public sealed record StepGrant(bool IsGranted, Ambiguity? Ambiguity)
{
    public static readonly StepGrant Refused = new(IsGranted: false, Ambiguity: null);
}
