using System.Collections.Concurrent;

namespace MassTransit.AmazonSqsTransport;

/// <summary>The messages that an endpoint has in hand, and the one loop that keeps them hidden from others.</summary>
sealed class DeliveriesInHand(TimeProvider time)
{
    readonly ConcurrentDictionary<string, SqsDelivery> _deliveries = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes a delivery in hand, in one step: two polls may bring the same message at once. False when the message already is in hand and its work goes
    /// on under the new receipt. Where that is not possible any more the delivery begins after the earlier one's end.
    /// </summary>
    public bool TryAdd(SqsDelivery delivery)
    {
        var messageId = delivery.Message.MessageId;
        while (true)
        {
            var inHand = _deliveries.GetOrAdd(messageId, delivery);
            if (ReferenceEquals(inHand, delivery))
                return true;
            if (inHand.TryAdopt(delivery))
                return false;
            delivery.Predecessor = inHand.Settled;
            if (_deliveries.TryUpdate(messageId, delivery, inHand))
                return true;
        }
    }

    public void Remove(SqsDelivery delivery) => _deliveries.TryRemove(new(delivery.Message.MessageId, delivery));

    /// <summary>Extends visibilities until it is cancelled. Due ones go out together and so share requests.</summary>
    public async Task KeepHidden(Func<TimeSpan> visibilityTimeout, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                // Half of what a delivery waits before it is due: the renewal starts at half of the visibility time at the latest.
                var interval = TimeSpan.FromSeconds(Math.Clamp(visibilityTimeout().TotalSeconds / 6, 0.15, 10));
                await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
                foreach (var (_, delivery) in _deliveries)
                    Renew(delivery, interval);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the endpoint has nothing in hand any more
        }
    }

    /// <summary>All others live by the same loop.</summary>
    static void Renew(SqsDelivery delivery, TimeSpan untilNextTime)
    {
        try
        {
            delivery.RenewIfDue(untilNextTime);
        }
        catch (Exception exception)
        {
            LogContext.Error?.Log(exception, "The visibility of message {MessageId} was not looked after", delivery.Message.MessageId);
        }
    }
}
