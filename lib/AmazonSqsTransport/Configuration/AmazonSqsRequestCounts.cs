using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MassTransit;

/// <summary>Listens to <see cref="AmazonSqsMetrics" /> from its creation to its disposal, for reports and tests. Covers the whole process.</summary>
public sealed class AmazonSqsRequestCounts : IDisposable
{
    readonly ConcurrentDictionary<(string Action, string Queue), long> _requests = new();
    readonly MeterListener _listener = new();

    /// <summary>Starts to count.</summary>
    public AmazonSqsRequestCounts()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: AmazonSqsMetrics.MeterName, Name: AmazonSqsMetrics.RequestsName })
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, measurement, tags, _) => Add(measurement, tags));
        _listener.Start();
    }

    /// <summary>Requests of all actions and queues.</summary>
    public long Total => _requests.Values.Sum();

    /// <summary>Requests of one action, for all queues or for one (the name as SQS knows it).</summary>
    public long Of(string action, string? queue = null) =>
        _requests.Where(x => x.Key.Action == action && (queue is null || x.Key.Queue == queue)).Sum(x => x.Value);

    /// <summary>Requests by action.</summary>
    public IReadOnlyDictionary<string, long> ByAction() =>
        _requests.GroupBy(x => x.Key.Action, StringComparer.Ordinal).ToDictionary(x => x.Key, x => x.Sum(y => y.Value), StringComparer.Ordinal);

    /// <summary>Stops to count; the numbers stay.</summary>
    public void Dispose() => _listener.Dispose();

    void Add(long measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string action = "", queue = "";
        foreach (var (key, value) in tags)
        {
            if (key == AmazonSqsMetrics.ActionTag)
                action = (string)value!; // the transport sets both tags, as strings
            else if (key == AmazonSqsMetrics.QueueTag)
                queue = (string)value!;
        }
        _requests.AddOrUpdate((action, queue), measurement, (_, sum) => sum + measurement);
    }
}
