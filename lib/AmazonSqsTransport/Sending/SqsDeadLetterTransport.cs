using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Copies a message that nobody consumes to the endpoint's <c>_skipped</c> queue, where the endpoint does not leave this to SQS.</summary>
sealed class SqsDeadLetterTransport(AmazonSqsHostConfiguration host, string queueName) : MoveTransport(host, queueName), IDeadLetterTransport
{
    public Task Send(ReceiveContext context, string? reason) => Move(context, [new(MessageHeaders.Reason, reason ?? "Unspecified")]);
}
