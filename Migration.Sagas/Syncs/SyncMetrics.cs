using System.Diagnostics.Metrics;

namespace Migration.Sagas.Syncs;

/// <summary>What dashboards count of the intake.</summary>
public sealed class SyncMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string Meter = "Migration.Syncs";

    readonly Counter<long> _events;

    public SyncMetrics(IMeterFactory meters) =>
        _events = meters.Create(Meter).CreateCounter<long>("migration.events", "{event}", "Events taken in, by domain and by what became of them");

    /// <param name="verdict">taken, skipped, parked, unknown or malformed.</param>
    public void EventTaken(string domain, string verdict) => _events.Add(1, new("domain", domain), new KeyValuePair<string, object?>("verdict", verdict));
}
