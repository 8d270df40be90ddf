namespace Migration.Contracts.Syncs;

/// <summary>Whoever held the lane has left, and it is yours.</summary>
/// <param name="CorrelationId">The sync that waited.</param>
/// <param name="Lane">Name of the lane.</param>
/// <param name="Epoch">Number of the grant; a grant of an earlier stay has another.</param>
public sealed record LaneGranted(Guid CorrelationId, string Lane, long Epoch);
