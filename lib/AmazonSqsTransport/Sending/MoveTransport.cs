using Amazon.SQS.Model;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Copies a received message to another queue; the original is then deleted like any consumed message. A message that is being delivered again
/// is not copied: it would be in both queues. One that has no room for more headers is copied without: else it would come back for ever.
/// </summary>
abstract class MoveTransport(AmazonSqsHostConfiguration host, string queueName)
{
    protected async Task Move(ReceiveContext context, IEnumerable<KeyValuePair<string, string?>> extraHeaders)
    {
        if (!context.TryGetPayload(out AmazonSqsMessageContext? received))
            throw new ArgumentException("The message was not received from SQS", nameof(context));

        await received.ThrowIfExpired().ConfigureAwait(false);

        Dictionary<string, string?> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in MessageAttributes.Read(received.TransportMessage))
            headers[key] = value;
        foreach (var (key, value) in extraHeaders)
            headers[key] = value;

        SendMessageBatchRequestEntry entry = new() { MessageBody = received.TransportMessage.Body, MessageAttributes = MessageAttributes.Write(headers) };
        if (SqsConnection.SizeOf(entry) > BatchLimits.MaxMessageBytes)
            entry.MessageAttributes = received.TransportMessage.MessageAttributes; // as it came it fits
        await host.Connection.Send(queueName, createQueue: true, entry, context.CancellationToken).ConfigureAwait(false);
        TransportMetrics.DeadLettered(new AmazonSqsEndpointAddress(host.HostAddress, context.InputAddress).EntityName);
    }
}
