namespace Migration.Contracts.Syncs;

/// <summary>A sync of a single record, part of a broader one, has ended.</summary>
/// <param name="CorrelationId">The broader sync.</param>
/// <param name="RecordId">The part.</param>
public sealed record RecordEnded(Guid CorrelationId, Guid RecordId);
