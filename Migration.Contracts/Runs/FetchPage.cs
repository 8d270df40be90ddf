namespace Migration.Contracts.Runs;

/// <summary>Read one page of ids and write its ledger rows. A hint: the page row decides.</summary>
public sealed record FetchPage(Guid CorrelationId, string RunId, string Domain, string PageKey);
