using System.Diagnostics;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>
/// The right of one delivery to change the target. Made at its first changing call, renewed while it lives; its age is
/// measured from before it was asked for.
/// </summary>
sealed class StepLease(StepRow row, StepRows rows, SyncOptions options)
{
    long _askedAt;
    Ambiguity? _ambiguity;

    public Guid Token { get; } = Guid.NewGuid();

    /// <summary>What the calls may have done; null while none was begun.</summary>
    public string? Kind { get; private set; }

    public bool IsBegun => Kind is not null;

    /// <summary>What the row is marked with; null while no call was begun.</summary>
    public Guid? Mark => IsBegun ? Token : null;

    public bool IsLost { get; private set; }

    public bool NeedsRenewal => IsBegun && !IsLost && Age > options.RenewEvery;

    TimeSpan Age => Stopwatch.GetElapsedTime(Volatile.Read(ref _askedAt));

    /// <summary>To be asked before each changing call: the first one is written down, a later one only if little of the lease is left.</summary>
    public async Task<StepGrant> BeginAsync(string kind, CancellationToken cancellationToken)
    {
        if (IsLost)
            return StepGrant.Refused;
        if (IsBegun && kind == Kind && Age < options.Lease * (5.0 / 6))
            return new StepGrant(IsGranted: true, _ambiguity);
        var askedAt = Stopwatch.GetTimestamp();
        var grant = await rows.BeginAsync(row, Token, kind, cancellationToken);
        if (!grant.IsGranted)
        {
            IsLost = true;
            return grant;
        }
        (Kind, _ambiguity) = (kind, grant.Ambiguity);
        Volatile.Write(ref _askedAt, askedAt);
        return grant;
    }

    public void Renewed(long askedAt) => Volatile.Write(ref _askedAt, askedAt);

    public void Lose() => IsLost = true;
}
