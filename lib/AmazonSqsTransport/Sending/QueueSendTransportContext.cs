using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Sends to one queue.</summary>
sealed class QueueSendTransportContext(AmazonSqsHostConfiguration host, ReceiveEndpointContext endpoint, AmazonSqsEndpointAddress address)
    : SqsSendTransportContext(host, endpoint)
{
    public override string EntityName => address.EntityName;

    public override Task Send<T>(SqsClientContext transportContext, SendContext<T> sendContext) =>
        transportContext.Connection.Send(address.EntityName, !address.IsTemporary, CreateEntry(sendContext), sendContext.CancellationToken);
}
