namespace Migration.Contracts.Syncs;

/// <summary>Step: carry the change to DPS.</summary>
/// <param name="StepNo">Number of the step; its result carries it.</param>
public sealed record PushChange(Guid CorrelationId, string Domain, int StepNo);
