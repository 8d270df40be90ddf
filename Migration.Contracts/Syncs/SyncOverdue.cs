namespace Migration.Contracts.Syncs;

/// <summary>The sync has waited longer than it should. Sent by the sweeper.</summary>
/// <param name="StepNo">What it waited for; another number means that it has moved on.</param>
/// <param name="StepToken">The delivery that was changing the target when it was found overdue; a step that has begun since is in time.</param>
public sealed record SyncOverdue(Guid CorrelationId, int StepNo, Guid? StepToken = null);
