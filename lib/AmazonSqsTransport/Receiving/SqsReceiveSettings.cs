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

    public Func<bool> IsOpen { get; set; } = static () => true;

    /// <summary>How long a message stays hidden after its delivery failed.</summary>
    public TimeSpan RedeliverAfter(int receiveCount, int? maxReceiveCount)
    {
        if (DeadLetters is null or { BackOff.Count: 0 })
            return RedeliverVisibility;
        if (receiveCount >= maxReceiveCount)
            return TimeSpan.Zero; // SQS moves it when it would be received once more
        var backOff = DeadLetters.BackOff;
        return backOff[Math.Clamp(receiveCount - 1, 0, backOff.Count - 1)];
    }
}
