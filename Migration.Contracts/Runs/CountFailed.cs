namespace Migration.Contracts.Runs;

/// <summary>The source could not be counted; the run ends Failed and blocks nobody.</summary>
/// <param name="CorrelationId">The run's saga.</param>
/// <param name="RunId">The migration id.</param>
/// <param name="Reason">Short text for the operator: upstream and status, no payload.</param>
/// <param name="UpstreamStatus">HTTP status of the source's answer, null when there was none.</param>
public sealed record CountFailed(Guid CorrelationId, string RunId, string Reason, int? UpstreamStatus);
