namespace Migration.Contracts.Syncs;

/// <summary>Result of <see cref="CompensateDuplicate"/>: one record stands, with the present content.</summary>
public sealed record DuplicateCompensated(Guid CorrelationId, int StepNo);
