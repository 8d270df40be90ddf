namespace Migration.Contracts.Syncs;

/// <summary>The step has used up its attempts. Sent before its message becomes a dead letter.</summary>
public sealed record StepFailed(Guid CorrelationId, int StepNo, string Reason, string? Error, string? Fingerprint);
