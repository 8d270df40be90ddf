namespace Migration.Contracts.Runs;

/// <summary>Write the mapping of a record that is created already. A hint: the ledger row, in this claim, decides.</summary>
public sealed record WriteMapping(string RunId, string Domain, string Key, int ClaimNo);
