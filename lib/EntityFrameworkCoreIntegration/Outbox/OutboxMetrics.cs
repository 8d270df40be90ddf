using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>The instruments behind <see cref="EntityFrameworkOutboxMetrics"/>; they end with their container.</summary>
sealed class OutboxMetrics<TDb> : IDisposable
    where TDb : DbContext
{
    static readonly KeyValuePair<string, object?> Tag = new(EntityFrameworkOutboxMetrics.DbContextTag, typeof(TDb).Name);
    static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300] };

    readonly Meter _meter = new(EntityFrameworkOutboxMetrics.MeterName);
    readonly Counter<long> _delivered;
    readonly Counter<long> _failures;
    readonly Histogram<double> _lag;
    readonly Counter<long> _duplicates;
    readonly Counter<long> _removed;

    public OutboxMetrics()
    {
        _delivered = _meter.CreateCounter<long>(EntityFrameworkOutboxMetrics.DeliveredName, "{message}", "Messages handed to the transport");
        _failures = _meter.CreateCounter<long>(EntityFrameworkOutboxMetrics.FailuresName, "{attempt}", "Attempts that failed");
        _lag = _meter.CreateHistogram(EntityFrameworkOutboxMetrics.LagName, "s", "From the insert of the row to the transport", tags: null, Seconds);
        _duplicates = _meter.CreateCounter<long>(EntityFrameworkOutboxMetrics.DuplicatesName, "{message}", "Deliveries of messages that had been consumed");
        _removed = _meter.CreateCounter<long>(EntityFrameworkOutboxMetrics.RemovedName, "{row}", "Inbox rows removed after the window");
        Gauge(EntityFrameworkOutboxMetrics.MessagesName, "{message}", "Rows in the outbox", x => x.Messages);
        Gauge(EntityFrameworkOutboxMetrics.FailingName, "{message}", "Rows whose last attempt failed", x => x.Failing);
        Gauge(EntityFrameworkOutboxMetrics.OldestAgeName, "s", "Age of the oldest row", x => x.OldestAge.TotalSeconds);
    }

    /// <summary>As last counted; null before that and in a process that does not deliver, which then reports nothing.</summary>
    public OutboxBacklog? Backlog { get; set; }

    public void Delivered(TimeSpan lag)
    {
        _delivered.Add(1, Tag);
        _lag.Record(Math.Max(0, lag.TotalSeconds), Tag);
    }

    public void Failed() => _failures.Add(1, Tag);

    public void SkippedDuplicate() => _duplicates.Add(1, Tag);

    public void Removed(int rows) => _removed.Add(rows, Tag);

    public void Dispose() => _meter.Dispose();

    void Gauge<T>(string name, string unit, string description, Func<OutboxBacklog, T> value)
        where T : struct =>
        _meter.CreateObservableGauge(name, () => Backlog is { } backlog ? [new Measurement<T>(value(backlog), Tag)] : Array.Empty<Measurement<T>>(), unit, description);
}
