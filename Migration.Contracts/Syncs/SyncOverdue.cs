namespace Migration.Contracts.Syncs;

/// <summary>The sync has waited longer than it should. Sent by the sweeper.</summary>
/// <param name="StepNo">What it waited for; another number means that it has moved on.</param>
public sealed record SyncOverdue(Guid CorrelationId, int StepNo);
