using System.Globalization;
using Amazon.SQS.Model;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// SQS delays a message by whole seconds, fifteen minutes at most. A longer delay hops: the message carries its due time, and a receiver
/// that gets it too early sends it on with what is left.
/// </summary>
static class MessageDelay
{
    const int MaxSeconds = 900;
    static readonly long LatestDue = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static void Apply(SendMessageBatchRequestEntry entry, TimeSpan delay, DateTimeOffset now)
    {
        if (delay <= TimeSpan.Zero)
            return;
        var seconds = (long)Math.Ceiling(delay.TotalSeconds);
        entry.DelaySeconds = (int)Math.Min(seconds, MaxSeconds);
        if (seconds > MaxSeconds)
        {
            var due = (now + delay).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            entry.MessageAttributes ??= new(StringComparer.Ordinal);
            entry.MessageAttributes[MessageAttributes.DeliverAt] = new MessageAttributeValue { DataType = "String", StringValue = due };
        }
    }

    /// <summary>
    /// The next hop of a message that is not due for a second or more; null when it is to be consumed now, as is one whose due time is no time at all.
    /// </summary>
    public static SendMessageBatchRequestEntry? NextHop(Message message, DateTimeOffset now)
    {
        if (message.MessageAttributes is null || !message.MessageAttributes.TryGetValue(MessageAttributes.DeliverAt, out var attribute)
            || !long.TryParse(attribute.StringValue, CultureInfo.InvariantCulture, out var due) || due < 0 || due > LatestDue)
            return null;

        var left = DateTimeOffset.FromUnixTimeMilliseconds(due) - now;
        if (left < TimeSpan.FromSeconds(1))
            return null;
        return new SendMessageBatchRequestEntry
        {
            MessageBody = message.Body,
            MessageAttributes = message.MessageAttributes,
            DelaySeconds = (int)Math.Min(Math.Ceiling(left.TotalSeconds), MaxSeconds)
        };
    }
}
