namespace Migration.Contracts.Runs;

/// <summary>Answer to <see cref="EstimateCount"/>.</summary>
/// <param name="CorrelationId">The run's saga.</param>
/// <param name="RunId">The migration id.</param>
/// <param name="Count">Records that the source named; an estimate, since the source lives on.</param>
/// <param name="FirstPages">Keys of the pages that the run begins with.</param>
public sealed record CountEstimated(Guid CorrelationId, string RunId, long Count, IReadOnlyList<string> FirstPages);
