using System.ComponentModel.DataAnnotations;

namespace Migration.Sagas.Syncs;

/// <summary>Times and sizes of the sync engine. Defaults are those of the protocol; tests shorten them.</summary>
public sealed class SyncOptions : IValidatableObject
{
    static readonly TimeSpan[] DefaultBackOff = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    static readonly TimeSpan ShortestKeep = TimeSpan.FromDays(28);

    /// <summary>A step that has not begun by then is asked for again; doubled at each time. Longer than any backlog is usual to take, which asking again would only lengthen.</summary>
    public TimeSpan Overdue { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a step that has begun to change its target stands without renewal. A killed process costs this plus a sweep.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Lease that must be left before a call that changes a target. What has less may be taken over.</summary>
    internal TimeSpan LeaseReserve => Lease / 6;

    /// <summary>How often steps in hand are renewed.</summary>
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Attempts at a step before the sync is Failed; also the queues' maximum receives.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Overrides the back-off of the step queues by receive count; the last value repeats. Null keeps 1, 10, 60 and 600 seconds (spec: engine 1.14).</summary>
    public IReadOnlyList<TimeSpan>? BackOff { get; set; } // no default here: the binder would add the configured values to it

    internal IReadOnlyList<TimeSpan> BackOffOrDefault => BackOff ?? DefaultBackOff;

    /// <summary>How long a step waits for a slot at its upstreams with its message in hand.</summary>
    public TimeSpan UpstreamPatience { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>After this a step whose upstream was away is asked for again; until the upstream answers, messages wait unread.</summary>
    public TimeSpan AfterOutage { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After this a child whose parent has no mapping is Failed.</summary>
    public TimeSpan ParentPatience { get; set; } = TimeSpan.FromHours(24);

    /// <summary>A waiter that was granted its lane and did not hear of it is told again after this.</summary>
    public TimeSpan GrantHeardWithin { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Pushes, and mappings, that one process works on at a time, a domain.</summary>
    [Range(1, 1000)]
    public int StepConcurrency { get; set; } = 16;

    /// <summary>Sync sagas that one process moves on at a time.</summary>
    [Range(1, 1000)]
    public int SagaConcurrency { get; set; } = 16;

    /// <summary>How long syncs that have ended well, replayed events and closed strays are kept. No shorter than an event can lie on its queue and dead-letter queue: its sync is what a second delivery is known by.</summary>
    public TimeSpan KeepEndedSyncs { get; set; } = ShortestKeep;

    /// <summary>How long a repair request waits for its syncs before it answers that they go on.</summary>
    public TimeSpan RepairWait { get; set; } = TimeSpan.FromSeconds(60);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RenewEvery * 2 > Lease)
            yield return new ValidationResult("Syncs:RenewEvery must be at most half of Syncs:Lease, or one lost renewal loses the step.", [nameof(RenewEvery)]);
        if (KeepEndedSyncs < ShortestKeep)
            yield return new ValidationResult("Syncs:KeepEndedSyncs must be at least 28 days, or an event that comes once more would be carried over again.", [nameof(KeepEndedSyncs)]);
        if (Lease > Overdue)
            yield return new ValidationResult("Syncs:Lease must not be longer than Syncs:Overdue.", [nameof(Lease)]);
    }
}
