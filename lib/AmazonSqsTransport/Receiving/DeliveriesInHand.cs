using System.Collections.Concurrent;
using Amazon.SQS.Model;

namespace MassTransit.AmazonSqsTransport;

/// <summary>The messages that an endpoint has in hand, and the one loop that keeps them hidden from others.</summary>
sealed class DeliveriesInHand(TimeProvider time)
{
    readonly ConcurrentDictionary<string, SqsDelivery> _deliveries = new(StringComparer.Ordinal);

    /// <summary>True when the message was already in hand and its work goes on under the new receipt.</summary>
    public bool TryAdopt(Message redelivered) => _deliveries.TryGetValue(redelivered.MessageId, out var delivery) && delivery.TryAdopt(redelivered);

    public void Add(SqsDelivery delivery) => _deliveries[delivery.Message.MessageId] = delivery;

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
                    delivery.RenewIfDue(interval);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the endpoint has nothing in hand any more
        }
    }
}
