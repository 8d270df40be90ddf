using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Finds the transport for an address.</summary>
sealed class SqsTransportProvider(AmazonSqsHostConfiguration host, ReceiveEndpointContext endpoint) : ISendTransportProvider, IPublishTransportProvider
{
    public Uri NormalizeAddress(Uri address) => new AmazonSqsEndpointAddress(host.HostAddress, address).ToUri();

    public Task<ISendTransport> GetSendTransport(Uri address)
    {
        AmazonSqsEndpointAddress parsed = new(host.HostAddress, address);
        return Transport(parsed.IsTopic
            ? new PublishSendTransportContext(host, endpoint, parsed.Name)
            : new QueueSendTransportContext(host, endpoint, parsed));
    }

    public Task<ISendTransport> GetPublishTransport<T>(Uri? publishAddress)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(publishAddress);
        return Transport(new PublishSendTransportContext(host, endpoint, new AmazonSqsEndpointAddress(host.HostAddress, publishAddress).Name));
    }

    static Task<ISendTransport> Transport(SqsSendTransportContext context) => Task.FromResult<ISendTransport>(new SendTransport<SqsClientContext>(context));
}
