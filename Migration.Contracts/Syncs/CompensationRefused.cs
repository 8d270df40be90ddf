namespace Migration.Contracts.Syncs;

/// <summary>Result of <see cref="CompensateDuplicate"/>: it is not safe to remove the record; a person must decide.</summary>
public sealed record CompensationRefused(Guid CorrelationId, int StepNo, string Reason);
