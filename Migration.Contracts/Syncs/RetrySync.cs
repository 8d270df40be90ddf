namespace Migration.Contracts.Syncs;

/// <summary>A failed sync begins again.</summary>
/// <param name="RequestedBy">Who asked for it; null for a returned dead letter.</param>
public sealed record RetrySync(Guid CorrelationId, string? RequestedBy);
