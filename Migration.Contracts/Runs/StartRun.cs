namespace Migration.Contracts.Runs;

/// <summary>A run row was committed in state Requested. Sent by the start request through the outbox.</summary>
/// <param name="CorrelationId">The run's saga.</param>
/// <param name="RunId">The migration id.</param>
public sealed record StartRun(Guid CorrelationId, string RunId);
