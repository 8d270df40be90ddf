using System.Diagnostics.CodeAnalysis;
using Amazon.SQS.Model;

namespace MassTransit;

/// <summary>The SQS side of a delivery; a payload of the receive context.</summary>
[SuppressMessage("Naming", "CA1715:Identifiers should have correct prefix", Justification = "The official package's name")]
public interface AmazonSqsMessageContext
{
    /// <summary>The message as it was received.</summary>
    Message TransportMessage { get; }

    /// <summary>The message's attributes; empty where it has none.</summary>
    IReadOnlyDictionary<string, MessageAttributeValue> Attributes { get; }

    /// <summary>How often SQS has delivered the message, this delivery included.</summary>
    int ReceiveCount { get; }

    /// <summary>Deliveries that the queue's redrive policy allows; null without such a policy.</summary>
    int? MaxReceiveCount { get; }

    /// <summary>Throws <see cref="TransportException" /> when the visibility has run out, so that the message is or will be delivered again.</summary>
    Task ThrowIfExpired();

    /// <summary>Sets when the message becomes visible again if this delivery fails.</summary>
    void RedeliverAfter(TimeSpan delay);

    /// <summary>This delivery is not acknowledged when the consumer ends without an exception; null takes the back-off table's value.</summary>
    void ReturnToQueue(TimeSpan? delay);
}
