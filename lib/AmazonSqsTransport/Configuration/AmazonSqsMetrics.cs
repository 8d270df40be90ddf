namespace MassTransit;

/// <summary>
/// Names of the transport's measurements. The <c>messaging.*</c> ones follow OpenTelemetry's semantic conventions for messaging; what these do not
/// know is named <c>sqs.client.*</c>. All carry the queue's name as <see cref="QueueTag" />.
/// </summary>
public static class AmazonSqsMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "MassTransit.AmazonSqs";

    /// <summary>Tag of every measurement: the queue's name as SQS knows it.</summary>
    public const string QueueTag = "messaging.destination.name";

    /// <summary>Tag of requests: SQS's action, for example <c>SendMessageBatch</c>.</summary>
    public const string ActionTag = "rpc.method";

    /// <summary>Requests made to SQS, which cost money, by <see cref="ActionTag" />.</summary>
    public const string RequestsName = "sqs.client.requests";

    /// <summary>Messages that SQS has accepted, and those it has refused (with <c>error.type</c>).</summary>
    public const string SentName = "messaging.client.sent.messages";

    /// <summary>Messages received.</summary>
    public const string ReceivedName = "messaging.client.consumed.messages";

    /// <summary>Seconds that a request to send, receive or settle took, by <c>messaging.operation.name</c>; long polls include their wait.</summary>
    public const string OperationDurationName = "messaging.client.operation.duration";

    /// <summary>Seconds from the begin of the work on a message to its settlement, with <c>error.type</c> where it failed.</summary>
    public const string ProcessDurationName = "messaging.process.duration";

    /// <summary>Messages deleted after they were consumed.</summary>
    public const string DeletedName = "sqs.client.messages.deleted";

    /// <summary>Messages received that had been delivered before.</summary>
    public const string RedeliveredName = "sqs.client.messages.redelivered";

    /// <summary>Messages that failed for the last time: left to the redrive policy, or copied to <c>_error</c> or <c>_skipped</c>.</summary>
    public const string DeadLetteredName = "sqs.client.messages.dead_lettered";

    /// <summary>Messages that are being worked on.</summary>
    public const string InFlightName = "sqs.client.messages.in_flight";
}
