namespace Migration.Contracts.Runs;

/// <summary>Look whether the run has ended.</summary>
/// <param name="CorrelationId">The run's saga.</param>
/// <param name="RunId">The migration id.</param>
/// <param name="CheckNo">Number of the check that is due; another number is a late or doubled timer.</param>
public sealed record CheckProgress(Guid CorrelationId, string RunId, int CheckNo);
