namespace MassTransit.AmazonSqsTransport;

/// <summary>How one endpoint receives.</summary>
sealed class SqsReceiveSettings
{
    public static readonly TimeSpan LongestVisibility = TimeSpan.FromHours(12);

    public required string QueueName { get; init; }

    public int WaitTimeSeconds { get; set; } = 3;

    public TimeSpan ReceiveLinger { get; set; } = TimeSpan.FromMilliseconds(20);

    public TimeSpan RedeliverVisibility { get; set; } = TimeSpan.Zero;

    public TimeSpan MaxVisibility { get; set; } = LongestVisibility;

    /// <summary>What one renewal asks for; null for the queue's visibility time-out.</summary>
    public TimeSpan? Renewal { get; set; }

    public bool PurgeOnStartup { get; set; }

    public bool IsTemporary { get; set; }

    public NativeDeadLetters? DeadLetters { get; set; }

    /// <summary>Back-off tables of message types by their urns; they take the place of the queue's.</summary>
    public Dictionary<string, IReadOnlyList<TimeSpan>> BackOffByType { get; } = new(StringComparer.Ordinal);

    public Func<bool> IsOpen { get; set; } = static () => true;

    /// <summary>How long a message stays hidden after its delivery failed; <paramref name="typeBackOff" /> is its type's table, null for the queue's.</summary>
    public TimeSpan RedeliverAfter(int receiveCount, int? maxReceiveCount, IReadOnlyList<TimeSpan>? typeBackOff)
    {
        if ((typeBackOff ?? DeadLetters?.BackOff) is not { Count: > 0 } backOff)
            return RedeliverVisibility;
        if (receiveCount >= maxReceiveCount)
            return TimeSpan.Zero; // SQS moves it when it would be received once more
        return backOff[Math.Clamp(receiveCount - 1, 0, backOff.Count - 1)];
    }
}
