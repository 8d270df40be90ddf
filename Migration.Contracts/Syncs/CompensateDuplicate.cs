namespace Migration.Contracts.Syncs;

/// <summary>Step: remove the sync's own record, and bring the survivor up to date.</summary>
public sealed record CompensateDuplicate(Guid CorrelationId, string Domain, int StepNo);
