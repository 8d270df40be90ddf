using Migration.Simulator.Sqs.Protocol;

namespace Migration.Simulator.Sqs.Queues;

/// <summary>A message and where it stands. The mutable part belongs to the queue that holds it and changes under that queue's lock only.</summary>
internal sealed class SqsMessage
{
    public SqsMessage() => Node = new LinkedListNode<SqsMessage>(this);

    public required string MessageId { get; set; }
    public required string Body { get; init; }
    public required string BodyMd5 { get; init; }
    public Dictionary<string, SqsAttributeValue>? Attributes { get; init; }
    public string? AttributesMd5 { get; init; }
    public string? TraceHeader { get; init; }
    public string? GroupId { get; init; }
    public string? DeduplicationId { get; init; }

    /// <summary>Seconds from the send until it may be received.</summary>
    public int DelaySeconds { get; init; }

    /// <summary>Unix time in milliseconds.</summary>
    public long SentAt { get; set; }

    public long Sequence { get; set; }
    public MessageState State { get; set; }
    public int ReceiveCount { get; set; }
    public long FirstReceivedAt { get; set; }
    public long ReceivedAt { get; set; }
    public long DueAt { get; set; }

    /// <summary>The queue from which a redrive policy moved it here.</summary>
    public string? DeadLetterSourceArn { get; set; }

    /// <summary>The message's own list node, used by whichever list holds it: moving it allocates nothing.</summary>
    public LinkedListNode<SqsMessage> Node { get; }

    /// <summary>The message as a new one (a redrive) or as a second delivery of itself (a fault).</summary>
    public SqsMessage Copy(string messageId) => new()
    {
        MessageId = messageId,
        Body = Body,
        BodyMd5 = BodyMd5,
        Attributes = Attributes,
        AttributesMd5 = AttributesMd5,
        TraceHeader = TraceHeader,
        GroupId = GroupId,
        DeduplicationId = DeduplicationId,
        SentAt = SentAt,
    };
}

internal enum MessageState
{
    Deleted,
    Visible,
    Delayed,
    InFlight,
}
