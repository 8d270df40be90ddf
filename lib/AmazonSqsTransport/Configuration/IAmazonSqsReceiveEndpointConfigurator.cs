namespace MassTransit;

/// <summary>Configures a receive endpoint on Amazon SQS.</summary>
public interface IAmazonSqsReceiveEndpointConfigurator : IReceiveEndpointConfigurator, IAmazonSqsQueueEndpointConfigurator
{
    /// <summary>
    /// Seconds until a message whose delivery failed becomes visible again. Default 0. Not used where
    /// <see cref="UseNativeDeadLetterQueue" /> gives a back-off table.
    /// </summary>
    int RedeliverVisibilityTimeout { set; }

    /// <summary>How long the visibility of one delivery is extended at most, counted from its receipt. Default and upper limit 12 hours (SQS).
    /// When it is reached the consumer's token is cancelled, so that neither work nor in-process retries go on beside the next delivery.</summary>
    TimeSpan MaxVisibilityTimeout { set; }

    /// <summary>
    /// Seconds by which one renewal extends the visibility, 1 to 43200. Default is the queue's own visibility time-out. A longer one costs fewer
    /// requests for long work, and after a crash the message comes back later.
    /// </summary>
    int MaxVisibilityTimeoutRenewal { set; }

    /// <summary>
    /// Published messages of type <typeparamref name="T" /> go to this endpoint's queue. Consumed types are subscribed to by themselves, unless
    /// <c>ConfigureConsumeTopology</c> is false.
    /// </summary>
    void Subscribe<T>()
        where T : class;

    /// <summary>
    /// The longest pause between polls that find some messages but not as many as they ask for. It lets requests fill under a steady load;
    /// a backlog is read without pauses, and an idle queue's long poll is answered at once. Default 20 ms.
    /// </summary>
    TimeSpan ReceiveLinger { set; }

    /// <summary>
    /// Leaves failures to SQS. The queue gets a redrive policy to a dead-letter queue, which is created; faults and skipped messages are
    /// thrown back, never copied to <c>_error</c> or <c>_skipped</c>; a failed message becomes visible again after its back-off.
    /// </summary>
    /// <param name="maxReceiveCount">Receives that SQS allows before it moves the message.</param>
    /// <param name="backOff">
    /// Visibility of a failed message by its receive count: the first value after the first receive, and so on; the last one repeats.
    /// After the last allowed receive it is always 0, so that the message moves at once. Without a table <see cref="RedeliverVisibilityTimeout" /> is used.
    /// </param>
    /// <param name="deadLetterQueueName">Name of the dead-letter queue; default is the queue's name followed by <c>-dlq</c>.</param>
    void UseNativeDeadLetterQueue(int maxReceiveCount, IReadOnlyList<TimeSpan>? backOff = null, string? deadLetterQueueName = null);

    /// <summary>
    /// Gives messages of type <typeparamref name="T" /> a back-off table of their own, in the place of the one of <see cref="UseNativeDeadLetterQueue" />,
    /// without which this is refused. A message that has several of the types that were given tables takes that of its own type, then those of what it
    /// implements. What no consumer has begun to consume, because it cannot be read for example, has the queue's table.
    /// </summary>
    /// <param name="backOff">At least one value of 0 to 12 hours; read like the queue's table.</param>
    void BackOffFor<T>(params TimeSpan[] backOff)
        where T : class;

    /// <summary>
    /// Receives only while <paramref name="isOpen" /> is true. It is asked before each poll, and at least every 250 ms while it is false.
    /// Messages that were received but not begun when it turned false wait, and stay invisible to others, until it is true again or the endpoint stops.
    /// </summary>
    void PollWhile(Func<bool> isOpen);
}
