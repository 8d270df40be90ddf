namespace Migration.Contracts.Syncs;

/// <summary>The grace is over.</summary>
/// <param name="StepNo">Number of the wait, by which a late or doubled timer is known.</param>
public sealed record GraceElapsed(Guid CorrelationId, int StepNo);
