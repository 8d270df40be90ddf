namespace Migration.Contracts.Syncs;

/// <summary>The record that the sync waits for has a mapping now.</summary>
/// <param name="Parent">domain/entity/key.</param>
public sealed record ParentMapped(Guid CorrelationId, string Parent);
