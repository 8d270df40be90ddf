using MassTransit.Configuration;
using MassTransit.Observables;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Configuration of a bus.</summary>
sealed class AmazonSqsBusConfiguration : AmazonSqsEndpointConfiguration, IBusConfiguration
{
    readonly BusObservable _busObservers = new();

    public AmazonSqsBusConfiguration(AmazonSqsTopologyConfiguration topology)
        : base(topology)
    {
        Host = new AmazonSqsHostConfiguration(this, topology);
        BusEndpoint = CreateEndpointConfiguration(isBusEndpoint: true);
    }

    public AmazonSqsHostConfiguration Host { get; }

    public AmazonSqsEndpointConfiguration BusEndpoint { get; }

    IHostConfiguration IBusConfiguration.HostConfiguration => Host;

    IEndpointConfiguration IBusConfiguration.BusEndpointConfiguration => BusEndpoint;

    IBusObserver IBusConfiguration.BusObservers => _busObservers;

    public ConnectHandle ConnectBusObserver(IBusObserver observer) => _busObservers.Connect(observer);

    public ConnectHandle ConnectEndpointConfigurationObserver(IEndpointConfigurationObserver observer) => Host.ConnectEndpointConfigurationObserver(observer);
}
