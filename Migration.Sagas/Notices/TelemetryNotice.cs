using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Notices;

/// <summary>A saga's telemetry event: it travels through the outbox, so that it is sent when, and only when, the saga's change is committed.</summary>
public sealed record TelemetryNotice(TelemetryEvent Event);
