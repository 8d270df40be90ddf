using Microsoft.Extensions.Configuration;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>
/// Feature switches: an event is taken in only if both <c>feature.event.&lt;EVENT&gt;</c> and <c>feature.event.&lt;domain&gt;.&lt;EVENT&gt;</c>
/// are true; a missing one is true (spec: engine 4.3). As environment variables: <c>FEATURE_EVENT_VISITS_VISIT_CANCELLED</c>.
/// </summary>
public sealed class EventSwitches(IConfiguration configuration)
{
    public bool IsOn(string domain, string eventType) => IsOn($"feature.event.{eventType}") && IsOn($"feature.event.{domain}.{eventType}");

    /// <summary>Every switch that is configured, by the name it is configured under.</summary>
    public SortedDictionary<string, bool> Configured() => new(configuration.AsEnumerable()
        .Select(x => (Name: x.Key.Replace(':', '.'), x.Value))
        .Where(x => x.Name.StartsWith("feature.event.", StringComparison.Ordinal) || x.Name.StartsWith("FEATURE_EVENT_", StringComparison.Ordinal))
        .Select(x => (x.Name, Is: bool.TryParse(x.Value, out var isOn) ? isOn : (bool?)null)).Where(x => x.Is is not null)
        .DistinctBy(x => x.Name).ToDictionary(x => x.Name, x => x.Is!.Value), StringComparer.Ordinal);

    bool IsOn(string key) => Value(key) is not { } text || !bool.TryParse(text, out var isOn) || isOn;

    // As Spring's relaxed binding: dots become underscores, dashes go or become underscores.
    string? Value(string key) => configuration[key] ?? configuration[key.Replace('.', ':')]
        ?? configuration[Variable(key, dash: "")] ?? configuration[Variable(key, dash: "_")] ?? configuration[Variable(key, dash: "-")];

    static string Variable(string key, string dash) => key.Replace('.', '_').Replace("-", dash, StringComparison.Ordinal).ToUpperInvariant();
}
