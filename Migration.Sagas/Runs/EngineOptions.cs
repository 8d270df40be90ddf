using System.ComponentModel.DataAnnotations;

namespace Migration.Sagas.Runs;

/// <summary>Times and sizes of the run engine. Defaults are those of the protocol; tests shorten them.</summary>
public sealed class EngineOptions : IValidatableObject
{
    /// <summary>How long a claim stands without renewal. A killed process costs this plus a sweep.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often claims in hand are renewed.</summary>
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Lease that must be left before a call that changes a target.</summary>
    public TimeSpan LeaseReserve { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a claim or an outcome waits for a database that is away: as long as a claim may be called upon without renewal.</summary>
    internal TimeSpan CommitPatience => Lease - LeaseReserve;

    /// <summary>A claim older than this is not renewed any more: sum of the HTTP deadlines of a step and 10 s.</summary>
    public TimeSpan StepDeadline { get; set; } = TimeSpan.FromSeconds(240);

    /// <summary>How often each process looks for rows that wait for something.</summary>
    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often each process looks whether an active run has come to its end.</summary>
    public TimeSpan WatchEvery { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After this a call whose end is unknown can no longer land.</summary>
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a record whose lane is busy waits before it is sent again.</summary>
    public TimeSpan Deferral { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>An unsent row is left to the process that changed it for this long.</summary>
    public TimeSpan SenderGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>No claim for this long, with nothing visible on the queues, means that messages were lost.</summary>
    public TimeSpan StandstillAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between the two looks that a standstill needs.</summary>
    public TimeSpan StandstillSecondLook { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest time between two checks of an active run.</summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a message that a paused gate holds back is kept before it is dropped and sent again later.</summary>
    public TimeSpan HoldWhilePaused { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the rows of a run that has ended are kept. Open strays, ambiguous records and possible duplicates stay until they are closed.</summary>
    public TimeSpan KeepEndedRuns { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long a process may warm up before it says that it is ready. Zero: it does not.</summary>
    public TimeSpan WarmUp { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts at a record, and at its mapping, before it is Failed; also the queues' maximum receives.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Records that one process works on at a time, a domain.</summary>
    [Range(1, 1000)]
    public int RecordConcurrency { get; set; } = 64;

    /// <summary>Claims or outcomes in one commit.</summary>
    [Range(1, 1000)]
    public int GroupSize { get; set; } = 64;

    /// <summary>Overrides the back-off of the migration queues by receive count; the last value repeats. Null keeps a second four times (spec: engine 1.14).</summary>
    public IReadOnlyList<TimeSpan>? BackOff { get; set; } // no default here: the binder would add the configured values to it

    internal IReadOnlyList<TimeSpan> BackOffOrDefault => BackOff ?? [.. Enumerable.Repeat(TimeSpan.FromSeconds(1), 4)];

    /// <summary>How long the start request waits for the count before it answers without one.</summary>
    public TimeSpan StartWait { get; set; } = TimeSpan.FromSeconds(70);

    /// <summary>Overrides a domain's page size; null keeps it.</summary>
    [Range(1, 10_000)]
    public int? PageSize { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RenewEvery * 2 > Lease)
            yield return new ValidationResult("Engine:RenewEvery must be at most half of Engine:Lease, or one lost renewal loses the claim.", [nameof(RenewEvery)]);
        if (LeaseReserve >= Lease)
            yield return new ValidationResult("Engine:LeaseReserve must be shorter than Engine:Lease, or no call could ever be made.", [nameof(LeaseReserve)]);
    }
}
