using Amazon.SQS.Model;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>What sending to a queue and publishing have in common: how a message becomes an SQS entry.</summary>
abstract class SqsSendTransportContext(AmazonSqsHostConfiguration host, ReceiveEndpointContext endpoint)
    : BaseSendTransportContext(host, endpoint.Serialization), SendTransportContext<SqsClientContext>
{
    protected AmazonSqsHostConfiguration Host { get; } = host;

    public override string ActivitySystem => TransportMetrics.System;

    public override async Task<SendContext<T>> CreateSendContext<T>(T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
    {
        MessageSendContext<T> context = new(message, cancellationToken);
        await pipe.Send(context).ConfigureAwait(false);
        return context;
    }

    public Task<SendContext<T>> CreateSendContext<T>(SqsClientContext context, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
        where T : class => CreateSendContext(message, pipe, cancellationToken);

    public Task Send(IPipe<SqsClientContext> pipe, CancellationToken cancellationToken = default) =>
        pipe.Send(new OwnedClientContext(Host.Connection, cancellationToken));

    public abstract Task Send<T>(SqsClientContext transportContext, SendContext<T> sendContext)
        where T : class;

    public void Probe(ProbeContext context)
    {
    }

    protected SendMessageBatchRequestEntry CreateEntry<T>(SendContext<T> context)
        where T : class
    {
        Spans.Sending();
        var headers = MessageAttributes.TextOf(context.Headers)
            .Append(new(MessageHeaders.ContentType, context.ContentType?.ToString()))
            .Append(new(MessageHeaders.MessageId, context.MessageId?.ToString()))
            .Append(new(MessageHeaders.CorrelationId, context.CorrelationId?.ToString()));

        SendMessageBatchRequestEntry entry = new() { MessageBody = ((MessageSendContext<T>)context).Body.GetString(), MessageAttributes = MessageAttributes.Write(headers) };
        if (context.Delay is { } delay)
            MessageDelay.Apply(entry, delay, Host.Settings.Time.GetUtcNow());
        return entry;
    }
}
