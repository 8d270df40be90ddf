using MassTransit.Configuration;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Pipes and topology of the bus or of one endpoint.</summary>
class AmazonSqsEndpointConfiguration : EndpointConfiguration
{
    readonly AmazonSqsTopologyConfiguration _topology;

    protected AmazonSqsEndpointConfiguration(AmazonSqsTopologyConfiguration topology)
        : base(topology) => _topology = topology;

    AmazonSqsEndpointConfiguration(IEndpointConfiguration parent, AmazonSqsTopologyConfiguration topology, bool isBusEndpoint)
        : base(parent, topology, isBusEndpoint) => _topology = topology;

    public AmazonSqsEndpointConfiguration CreateEndpointConfiguration(bool isBusEndpoint = false) =>
        new(this, new AmazonSqsTopologyConfiguration(_topology), isBusEndpoint);
}
