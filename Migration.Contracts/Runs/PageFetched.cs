namespace Migration.Contracts.Runs;

/// <summary>A page's rows are in the ledger and its row is Reported. May arrive twice.</summary>
public sealed record PageFetched(Guid CorrelationId, string RunId, string PageKey);
