using MassTransit.Configuration;
using Microsoft.Extensions.Configuration;

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
        where T : class => Subscribe(MessageUrn.ForTypeString<T>(), queueName);

    public void SubscribePublished(IConfiguration routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        foreach (var route in routes.GetChildren())
        {
            var messageUrn = PublishRoutes.UrnOf(route.Key);
            bus.Host.Subscriptions.Declare([messageUrn]);
            foreach (var queueName in PublishRoutes.QueuesOf(route))
                Subscribe(messageUrn, queueName);
        }
    }

    public void Publish<T>()
        where T : class => Publish<T>(static _ => { });

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

    void Subscribe(string messageUrn, string queueName)
    {
        _ = new AmazonSqsEndpointAddress(bus.Host.HostAddress, queueName); // refuses what is no queue name
        bus.Host.Subscriptions.Add(messageUrn, queueName);
    }
}
