namespace MassTransit;

/// <summary>What a consumer can learn and decide about a delivery that came from SQS.</summary>
public static class AmazonSqsContextExtensions
{
    /// <summary>How often SQS has delivered this message, this delivery included (<c>ApproximateReceiveCount</c>); 1 on other transports.</summary>
    public static int GetReceiveCount(this ConsumeContext context) => Find(context)?.ReceiveCount ?? 1;

    /// <summary>
    /// True when the queue's redrive policy moves the message to the dead-letter queue if this delivery fails.
    /// False where there is no such policy, and on other transports.
    /// </summary>
    public static bool IsLastReceive(this ConsumeContext context) =>
        Find(context) is { MaxReceiveCount: { } max } delivery && delivery.ReceiveCount >= max;

    /// <summary>
    /// If this delivery ends in an exception, the message becomes visible again after <paramref name="delay" /> (zero: at once) instead of the
    /// back-off table's value. Rounded up to whole seconds, at most 12 hours. Does nothing on other transports, or when the delivery succeeds.
    /// </summary>
    public static void RedeliverAfter(this ConsumeContext context, TimeSpan delay) => Find(context)?.RedeliverAfter(delay);

    /// <summary>
    /// The consumer ends without an exception, and yet the message is not acknowledged: it becomes visible again after <paramref name="delay" />,
    /// or after the back-off table's value where none is given, and counts towards the dead-letter queue like any failed delivery. For failures that
    /// are on record already, where an exception would only cost time and fill the log.
    /// </summary>
    /// <returns>False on other transports: throw instead.</returns>
    public static bool TryReturnToQueue(this ConsumeContext context, TimeSpan? delay = null)
    {
        if (Find(context) is not { } delivery)
            return false;
        delivery.ReturnToQueue(delay);
        return true;
    }

    static AmazonSqsMessageContext? Find(ConsumeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.ReceiveContext.TryGetPayload(out AmazonSqsMessageContext? delivery) ? delivery : null;
    }
}
