using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>
/// The right of one delivery to change the target. Made at its first changing call, renewed while it lives and is within the
/// deadline of a step; its age is measured from before it was asked for.
/// </summary>
sealed class StepLease(StepRow row, StepRows rows, SyncOptions options, TimeSpan deadline, TimeProvider time)
{
    readonly Moment _openedAt = Moment.Now(time);
    volatile Moment? _grantedAt; // from before the question
    bool _isAsked;
    Ambiguity? _ambiguity;

    public Guid Token { get; } = Guid.NewGuid();

    /// <summary>What the calls may have done; null while none was begun.</summary>
    public string? Kind { get; private set; }

    public bool IsBegun => Kind is not null;

    /// <summary>What the row is marked with, or may be if the answer to the question was lost; null before that.</summary>
    public Guid? Mark => _isAsked ? Token : null;

    public bool IsLost { get; private set; }

    public bool NeedsRenewal => IsBegun && !IsLost && Age > options.RenewEvery && _openedAt.Elapsed(time) < deadline;

    TimeSpan Age => _grantedAt?.Elapsed(time) ?? TimeSpan.Zero;

    /// <summary>To be asked before each changing call: the first one is written down, a later one only if little of the lease is left.</summary>
    public async Task<StepGrant> BeginAsync(string kind, CancellationToken cancellationToken)
    {
        if (IsLost)
            return StepGrant.Refused;
        if (IsBegun && kind == Kind && Age < options.Lease - options.LeaseReserve)
            return new StepGrant(IsGranted: true, _ambiguity);
        var askedAt = Moment.Now(time);
        _isAsked = true;
        var grant = await rows.BeginAsync(row, Token, kind, cancellationToken);
        if (!grant.IsGranted)
        {
            IsLost = true;
            return grant;
        }
        (Kind, _ambiguity) = (kind, grant.Ambiguity);
        _grantedAt = askedAt;
        return grant;
    }

    public void Renewed(Moment askedAt) => _grantedAt = askedAt;

    public void Lose() => IsLost = true;
}
