using System.Diagnostics;
using System.Diagnostics.Metrics;
using Amazon.SQS.Model;

namespace MassTransit.AmazonSqsTransport;

/// <summary>The instruments behind <see cref="AmazonSqsMetrics" />.</summary>
static class TransportMetrics
{
    public const string System = "aws_sqs";

    const string TemporaryDestination = "(temporary)";

    // The conventions advise these buckets, in seconds.
    static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };
    static readonly Meter Meter = new(AmazonSqsMetrics.MeterName);
    static readonly Counter<long> Requests = Meter.CreateCounter<long>(AmazonSqsMetrics.RequestsName, "{request}", "Requests made to SQS");
    static readonly Counter<long> SentMessages = Meter.CreateCounter<long>(AmazonSqsMetrics.SentName, "{message}", "Messages given to SQS");
    static readonly Counter<long> ReceivedMessages = Meter.CreateCounter<long>(AmazonSqsMetrics.ReceivedName, "{message}", "Messages received from SQS");
    static readonly Counter<long> DeletedMessages = Meter.CreateCounter<long>(AmazonSqsMetrics.DeletedName, "{message}", "Messages deleted after they were consumed");
    static readonly Counter<long> RedeliveredMessages = Meter.CreateCounter<long>(AmazonSqsMetrics.RedeliveredName, "{message}", "Messages received not for the first time");
    static readonly Counter<long> DeadLetteredMessages = Meter.CreateCounter<long>(AmazonSqsMetrics.DeadLetteredName, "{message}", "Messages that failed for the last time");
    static readonly UpDownCounter<long> MessagesInFlight = Meter.CreateUpDownCounter<long>(AmazonSqsMetrics.InFlightName, "{message}", "Messages being worked on");
    static readonly Histogram<double> OperationDuration = Meter.CreateHistogram(AmazonSqsMetrics.OperationDurationName, "s", "Duration of requests to SQS", tags: null, Seconds);
    static readonly Histogram<double> ProcessDuration = Meter.CreateHistogram(AmazonSqsMetrics.ProcessDurationName, "s", "Duration of the work on a message", tags: null, Seconds);

    public static void Request(string action, string queue) => Requests.Add(1, new(AmazonSqsMetrics.ActionTag, action), Queue(queue));

    /// <summary>Makes a request, counts it and measures it. The operation is <c>send</c>, <c>receive</c> or <c>settle</c>.</summary>
    public static async Task<T> Measure<T>(string operation, string action, string queue, Task<T> request)
    {
        Request(action, queue);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            var response = await request.ConfigureAwait(false);
            Ended(error: null);
            return response;
        }
        catch (Exception exception)
        {
            Ended(exception.GetType().FullName);
            throw;
        }

        void Ended(string? error)
        {
            if (OperationDuration.Enabled)
                OperationDuration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, Tags(queue, operation, error));
        }
    }

    public static void Sent(string queue, int accepted, List<BatchResultErrorEntry>? refused)
    {
        if (!SentMessages.Enabled)
            return;
        if (accepted > 0)
            SentMessages.Add(accepted, Tags(queue, "send", error: null));
        foreach (var entry in refused ?? [])
            SentMessages.Add(1, Tags(queue, "send", entry.Code));
    }

    public static void Received(string queue, int messages)
    {
        if (ReceivedMessages.Enabled)
            ReceivedMessages.Add(messages, Tags(queue, "receive", error: null));
    }

    public static void Processed(string queue, TimeSpan duration, Exception? exception)
    {
        if (ProcessDuration.Enabled)
            ProcessDuration.Record(duration.TotalSeconds, Tags(queue, "process", exception?.GetType().FullName));
    }

    public static void Deleted(string queue, int messages) => DeletedMessages.Add(messages, Queue(queue));

    public static void Redelivered(string queue) => RedeliveredMessages.Add(1, Queue(queue));

    public static void DeadLettered(string queue) => DeadLetteredMessages.Add(1, Queue(queue));

    public static void InFlight(string queue, int change) => MessagesInFlight.Add(change, Queue(queue));

    /// <summary>Temporary queues share one value: a series for each would never end.</summary>
    static KeyValuePair<string, object?> Queue(string name) =>
        new(AmazonSqsMetrics.QueueTag, name.Contains(TemporaryQueues.NamePrefix, StringComparison.Ordinal) ? TemporaryDestination : name);

    static TagList Tags(string queue, string operation, string? error)
    {
        TagList tags = new() { { "messaging.system", System }, Queue(queue), { "messaging.operation.name", operation } };
        if (error is not null)
            tags.Add("error.type", error);
        return tags;
    }
}
