namespace Migration.Contracts.Runs;

/// <summary>Migrate one record. A hint: the ledger row decides.</summary>
public sealed record MigrateEntity(string RunId, string Domain, string Key);
