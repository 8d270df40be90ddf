using Amazon.SQS.Model;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Copies a received message to another queue; the original is then deleted like any consumed message.</summary>
abstract class MoveTransport(AmazonSqsHostConfiguration host, string queueName)
{
    protected Task Move(ReceiveContext context, IEnumerable<KeyValuePair<string, string?>> extraHeaders)
    {
        if (!context.TryGetPayload(out AmazonSqsMessageContext? received))
            throw new ArgumentException("The message was not received from SQS", nameof(context));

        Dictionary<string, string?> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in MessageAttributes.Read(received.TransportMessage))
            headers[key] = value;
        foreach (var (key, value) in extraHeaders)
            headers[key] = value;

        SendMessageBatchRequestEntry entry = new() { MessageBody = received.TransportMessage.Body, MessageAttributes = MessageAttributes.Write(headers) };
        return host.Connection.Send(queueName, createQueue: true, entry, context.CancellationToken);
    }
}
