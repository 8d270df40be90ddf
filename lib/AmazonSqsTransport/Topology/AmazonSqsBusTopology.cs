using MassTransit.Configuration;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>The bus's view of its topology.</summary>
sealed class AmazonSqsBusTopology(IHostConfiguration host, ITopologyConfiguration topology) : BusTopology(host, topology);
