namespace MassTransit.AmazonSqsTransport;

/// <summary>What a queue should be like. Senders use it as well when they find that the queue has gone.</summary>
sealed record QueueDefinition(string Name)
{
    static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = None;

    public IReadOnlyDictionary<string, string> Tags { get; init; } = None;

    /// <summary>The queue that SQS moves messages to after <see cref="MaxReceiveCount" /> receives; null for none.</summary>
    public string? DeadLetterQueue { get; init; }

    public int MaxReceiveCount { get; init; }

    /// <summary>True for a queue that its owner deletes when it stops.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>True for a queue whose attributes are chosen here and not by the application: an existing one is left as it is.</summary>
    public bool LeaveExisting { get; init; }

    /// <summary>The name of a queue's dead-letter queue where none is configured.</summary>
    public static string DeadLetterNameOf(string name) => $"{name}-dlq";

    /// <summary>A dead-letter queue keeps its messages as long as SQS can: fourteen days.</summary>
    public static QueueDefinition ForDeadLetters(string name, IReadOnlyDictionary<string, string> tags) => new(name)
    {
        Attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["MessageRetentionPeriod"] = "1209600" },
        Tags = tags,
        LeaveExisting = true
    };
}
