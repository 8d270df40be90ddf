using MassTransit.Configuration;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Makes the bus when the container asks for it.</summary>
sealed class AmazonSqsRegistrationBusFactory : TransportRegistrationBusFactory<IAmazonSqsReceiveEndpointConfigurator>
{
    readonly AmazonSqsBusConfiguration _bus;
    readonly Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator>? _configure;

    public AmazonSqsRegistrationBusFactory(Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator>? configure)
        : this(new AmazonSqsBusConfiguration(new AmazonSqsTopologyConfiguration()), configure)
    {
    }

    AmazonSqsRegistrationBusFactory(AmazonSqsBusConfiguration bus, Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator>? configure)
        : base(bus.Host)
    {
        _bus = bus;
        _configure = configure;
    }

    public override IBusInstance CreateBus(IBusRegistrationContext context, IEnumerable<IBusInstanceSpecification> specifications, string busName)
    {
        AmazonSqsBusFactoryConfigurator configurator = new(_bus);
        Apply(context.GetRequiredService<IOptionsMonitor<AmazonSqsTransportOptions>>().Get(busName), configurator);
        return CreateBus(configurator, context, _configure ?? ((_, _) => { }), specifications);
    }

    /// <summary>Before the callback, whose own <c>Host</c> comes later and so counts.</summary>
    static void Apply(AmazonSqsTransportOptions options, AmazonSqsBusFactoryConfigurator configurator)
    {
        if (string.IsNullOrWhiteSpace(options.Region))
            return;
        configurator.Host(options.Region, h =>
        {
            if (!string.IsNullOrWhiteSpace(options.Scope))
                h.Scope(options.Scope);
            if (string.IsNullOrWhiteSpace(options.AccessKey) || string.IsNullOrWhiteSpace(options.SecretKey))
                return;
            h.AccessKey(options.AccessKey);
            h.SecretKey(options.SecretKey);
        });
    }
}
