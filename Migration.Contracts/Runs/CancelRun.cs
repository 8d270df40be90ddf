namespace Migration.Contracts.Runs;

/// <summary>An operator asked for the run to stop. Without effect on a run that has ended.</summary>
public sealed record CancelRun(Guid CorrelationId, string RunId, string RequestedBy);
