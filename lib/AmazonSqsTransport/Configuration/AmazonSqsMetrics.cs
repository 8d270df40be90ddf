using System.Diagnostics.Metrics;

namespace MassTransit;

/// <summary>Counters of the transport. Requests cost money at AWS, so they are counted by action and queue.</summary>
public static class AmazonSqsMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "MassTransit.AmazonSqs";

    /// <summary>Requests made to SQS, by <c>action</c> (for example <c>SendMessageBatch</c>) and <c>queue</c>.</summary>
    public const string RequestsName = "sqs.client.requests";

    /// <summary>Messages accepted by SQS, by <c>queue</c>.</summary>
    public const string SentName = "sqs.client.messages.sent";

    /// <summary>Messages received from SQS, by <c>queue</c>.</summary>
    public const string ReceivedName = "sqs.client.messages.received";

    /// <summary>Messages deleted after they were consumed, by <c>queue</c>.</summary>
    public const string DeletedName = "sqs.client.messages.deleted";

    static readonly Meter Meter = new(MeterName);
    static readonly Counter<long> Requests = Meter.CreateCounter<long>(RequestsName, "{request}", "Requests made to SQS");
    static readonly Counter<long> Sent = Meter.CreateCounter<long>(SentName, "{message}", "Messages accepted by SQS");
    static readonly Counter<long> Received = Meter.CreateCounter<long>(ReceivedName, "{message}", "Messages received from SQS");
    static readonly Counter<long> Deleted = Meter.CreateCounter<long>(DeletedName, "{message}", "Messages deleted after they were consumed");

    internal static void CountRequest(string action, string queue) => Requests.Add(1, new("action", action), new("queue", queue));

    internal static void CountSent(string queue, int messages) => Sent.Add(messages, new KeyValuePair<string, object?>("queue", queue));

    internal static void CountReceived(string queue, int messages) => Received.Add(messages, new KeyValuePair<string, object?>("queue", queue));

    internal static void CountDeleted(string queue, int messages) => Deleted.Add(messages, new KeyValuePair<string, object?>("queue", queue));
}
