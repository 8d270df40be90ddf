using MassTransit.Configuration;

namespace MassTransit.AmazonSqsTransport;

/// <summary>What the application's configuration callback gets.</summary>
sealed class AmazonSqsBusFactoryConfigurator(AmazonSqsBusConfiguration bus) : BusFactoryConfigurator(bus), IAmazonSqsBusFactoryConfigurator, IBusFactory
{
    string? _busQueueName;

    public void Host(AmazonSqsHostSettings settings) => bus.Host.Configure(settings);

    public override IEnumerable<ValidationResult> Validate()
    {
        foreach (var result in base.Validate())
            yield return result;
        if (!bus.Host.IsConfigured)
            yield return this.Failure("Host", "must be called, with the AWS region");
    }

    public void SubscribePublished<T>(string queueName)
        where T : class
    {
        _ = new AmazonSqsEndpointAddress(bus.Host.HostAddress, queueName); // refuses what is no queue name
        bus.Host.Subscriptions.Add(MessageUrn.ForTypeString<T>(), queueName);
    }

    public void OverrideDefaultBusEndpointQueueName(string value) => _busQueueName = value;

    public IReceiveEndpointConfiguration CreateBusEndpointConfiguration(Action<IReceiveEndpointConfigurator> configure) =>
        bus.Host.CreateEndpoint(_busQueueName ?? bus.Topology.Consume.CreateTemporaryQueueName("bus"), bus.BusEndpoint, x =>
        {
            x.AutoDelete = true;
            configure(x);
        });

    public void ReceiveEndpoint(IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter = null,
        Action<IAmazonSqsReceiveEndpointConfigurator>? configureEndpoint = null) => bus.Host.ReceiveEndpoint(definition, endpointNameFormatter, configureEndpoint);

    public void ReceiveEndpoint(string queueName, Action<IAmazonSqsReceiveEndpointConfigurator> configureEndpoint) =>
        bus.Host.ReceiveEndpoint(queueName, configureEndpoint);

    public void ReceiveEndpoint(IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter = null,
        Action<IReceiveEndpointConfigurator>? configureEndpoint = null) => bus.Host.ReceiveEndpoint(definition, endpointNameFormatter, configureEndpoint);

    public void ReceiveEndpoint(string queueName, Action<IReceiveEndpointConfigurator> configureEndpoint) => bus.Host.ReceiveEndpoint(queueName, configureEndpoint);
}
