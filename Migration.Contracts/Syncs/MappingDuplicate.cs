using Migration.Contracts.Telemetry;

namespace Migration.Contracts.Syncs;

/// <summary>Result of <see cref="WriteSyncMapping"/>: another mapping stands.</summary>
/// <param name="ExistingTargetId">The record of DPS that is mapped.</param>
/// <param name="IsSameRecord">It is mapped to the very NOMIS record; false when our DPS record is alive for another.</param>
public sealed record MappingDuplicate(Guid CorrelationId, int StepNo, string ExistingTargetId, bool IsSameRecord, IReadOnlyList<TelemetryEvent> Events);
