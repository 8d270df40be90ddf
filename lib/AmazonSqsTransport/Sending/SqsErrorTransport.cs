using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Copies a failed message to the endpoint's <c>_error</c> queue, where the endpoint does not leave failures to SQS.</summary>
sealed class SqsErrorTransport(AmazonSqsHostConfiguration host, string queueName) : MoveTransport(host, queueName), IErrorTransport
{
    /// <summary>Stack traces are cut: body and attributes share SQS's limit of 1 MiB.</summary>
    const int MaxHeaderLength = 4000;

    public Task Send(ExceptionReceiveContext context) => Move(context, MessageAttributes.TextOf(context.ExceptionHeaders)
        .Where(x => !x.Key.StartsWith("MT-Host-", StringComparison.Ordinal))
        .Select(x => x.Value is { Length: > MaxHeaderLength } text ? new(x.Key, text[..MaxHeaderLength]) : x));
}
