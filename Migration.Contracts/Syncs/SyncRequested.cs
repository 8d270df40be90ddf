namespace Migration.Contracts.Syncs;

/// <summary>Begins a sync. A second delivery finds its saga.</summary>
/// <param name="CorrelationId">The event's SNS message id; made up where there was no event.</param>
/// <param name="Domain">Name of the domain.</param>
/// <param name="Change">What changed.</param>
/// <param name="BroadId">The sync that this one is a part of; null for none.</param>
/// <param name="TargetId">The record of ours to remove, for <see cref="SyncMode.Compensate"/>; null otherwise.</param>
/// <param name="RequestedBy">Who asked for it; null for an event.</param>
public sealed record SyncRequested(Guid CorrelationId, string Domain, SyncChange Change, Guid? BroadId = null, string? TargetId = null, string? RequestedBy = null);
