namespace Migration.Contracts.Syncs;

/// <summary>Result of <see cref="CompensateDuplicate"/>: one record stands, with the present content.</summary>
/// <param name="StepToken">The mark of the delivery that did it.</param>
public sealed record DuplicateCompensated(Guid CorrelationId, int StepNo, Guid? StepToken = null);
