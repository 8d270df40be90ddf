using System.Collections.Concurrent;
using Migration.Sagas.Telemetry;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>Every event that the service has sent.</summary>
sealed class CapturedTelemetry : ITelemetry
{
    readonly ConcurrentQueue<TelemetryEvent> _events = new();

    public void Track(TelemetryEvent telemetryEvent) => _events.Enqueue(telemetryEvent);

    public void Clear() => _events.Clear();

    /// <summary>Names of the events of a run, in the order in which they were sent.</summary>
    public IReadOnlyList<string> NamesOf(string runId) => [.. _events.Where(x => IsOf(x, runId)).Select(x => x.Name)];

    /// <summary>Properties of each event of that name of a run.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Of(string runId, string name) =>
        [.. _events.Where(x => x.Name == name && IsOf(x, runId)).Select(x => x.Properties.ToDictionary())];

    /// <summary>The same as soon as there is one: what a saga tells goes through its outbox, after the change that it tells of can be seen.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> WaitForAsync(string runId, string name)
    {
        await Eventually.IsTrue(() => Of(runId, name).Count > 0, $"{name} of {runId}");
        return Of(runId, name);
    }

    /// <summary>Properties of each event of that name, of whatever run.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Named(string name) => [.. _events.Where(x => x.Name == name).Select(x => x.Properties.ToDictionary())];

    static bool IsOf(TelemetryEvent x, string runId) => x.Properties.Contains(KeyValuePair.Create("migrationId", runId));
}
