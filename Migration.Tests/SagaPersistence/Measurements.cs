using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit;

namespace Migration.Tests.SagaPersistence;

/// <summary>Listens to the meter of inbox and outbox.</summary>
sealed class Measurements : IDisposable
{
    readonly MeterListener _listener = new();
    readonly ConcurrentQueue<(string Name, double Value)> _seen = new();

    public Measurements()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == EntityFrameworkOutboxMetrics.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
    }

    public double Sum(string name) => _seen.Where(x => x.Name == name).Sum(x => x.Value);

    public int Count(string name) => _seen.Count(x => x.Name == name);

    /// <summary>The gauge's value now, null when it has none.</summary>
    public double? Gauge(string name)
    {
        var before = _seen.Count;
        _listener.RecordObservableInstruments();
        return _seen.Skip(before).Where(x => x.Name == name).Select(x => (double?)x.Value).LastOrDefault();
    }

    public void Dispose() => _listener.Dispose();

    void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
            if (tag.Key == EntityFrameworkOutboxMetrics.DbContextTag && tag.Value is nameof(CounterDbContext))
                _seen.Enqueue((instrument.Name, value));
    }
}
