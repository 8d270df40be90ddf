namespace Migration.Sagas.Telemetry;

/// <summary>Where business events go (Application Insights custom events in production).</summary>
public interface ITelemetry
{
    void Track(TelemetryEvent telemetryEvent);
}
