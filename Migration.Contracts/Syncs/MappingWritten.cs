using Migration.Contracts.Telemetry;

namespace Migration.Contracts.Syncs;

/// <summary>Result of <see cref="WriteSyncMapping"/>: the mapping stands.</summary>
public sealed record MappingWritten(Guid CorrelationId, int StepNo, IReadOnlyList<TelemetryEvent> Events);
