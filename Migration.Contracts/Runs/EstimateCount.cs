namespace Migration.Contracts.Runs;

/// <summary>Ask the source how many records the run's filter selects.</summary>
public sealed record EstimateCount(Guid CorrelationId, string RunId, string Domain);
