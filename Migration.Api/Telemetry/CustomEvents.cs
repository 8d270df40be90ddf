using Migration.Sagas.Telemetry;

namespace Migration.Api.Telemetry;

/// <summary>
/// Telemetry events as log records: a record whose state holds <c>microsoft.custom_event.name</c> becomes a custom event
/// in Application Insights, and its other values become the event's properties.
/// </summary>
sealed class CustomEvents(ILogger<CustomEvents> logger) : ITelemetry
{
    public void Track(TelemetryEvent telemetryEvent)
    {
        if (!logger.IsEnabled(LogLevel.Information))
            return;
        KeyValuePair<string, object?>[] state =
        [
            new("microsoft.custom_event.name", telemetryEvent.Name),
            .. telemetryEvent.Properties.Select(x => new KeyValuePair<string, object?>(x.Key, x.Value)),
        ];
        logger.Log(LogLevel.Information, default, state, null,
            static (values, _) => string.Join(' ', values.Select((x, i) => i == 0 ? x.Value?.ToString() : $"{x.Key}={x.Value}")));
    }
}
