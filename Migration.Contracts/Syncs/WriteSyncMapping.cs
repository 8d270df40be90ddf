namespace Migration.Contracts.Syncs;

/// <summary>Step: write the mapping of what the sync created.</summary>
public sealed record WriteSyncMapping(Guid CorrelationId, string Domain, int StepNo);
