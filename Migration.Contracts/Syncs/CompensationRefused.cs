namespace Migration.Contracts.Syncs;

/// <summary>Result of <see cref="CompensateDuplicate"/>: it is not safe to remove the record; a person must decide.</summary>
/// <param name="StepToken">The mark of the delivery, if it has changed anything.</param>
public sealed record CompensationRefused(Guid CorrelationId, int StepNo, string Reason, Guid? StepToken = null);
