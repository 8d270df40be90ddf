namespace Migration.Contracts.Runs;

/// <summary>An operator asked for a cancelled or failed run to go on. Without effect on any other.</summary>
public sealed record ResumeRun(Guid CorrelationId, string RunId, string RequestedBy);
