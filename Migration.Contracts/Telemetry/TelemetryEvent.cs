namespace Migration.Contracts.Telemetry;

/// <summary>A named business event with text properties; names and properties are contract (spec: engine 6).</summary>
public sealed record TelemetryEvent(string Name, IReadOnlyList<KeyValuePair<string, string>> Properties)
{
    /// <summary>Properties whose value is null are left out.</summary>
    public static TelemetryEvent Of(string name, params ReadOnlySpan<(string Key, string? Value)> properties)
    {
        var kept = new List<KeyValuePair<string, string>>(properties.Length);
        foreach (var (key, value) in properties)
            if (value is not null)
                kept.Add(new(key, value));
        return new TelemetryEvent(name, kept);
    }
}
