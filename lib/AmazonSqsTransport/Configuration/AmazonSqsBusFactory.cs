using MassTransit.AmazonSqsTransport;
using MassTransit.Configuration;

namespace MassTransit;

/// <summary>Makes a bus without a container.</summary>
public static class AmazonSqsBusFactory
{
    /// <summary>Configures and creates the bus; it has to be started. Throws <see cref="ConfigurationException" /> when the configuration is not valid.</summary>
    public static IBusControl Create(Action<IAmazonSqsBusFactoryConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        AmazonSqsBusConfiguration bus = new(new AmazonSqsTopologyConfiguration());
        AmazonSqsBusFactoryConfigurator configurator = new(bus);
        configure(configurator);
        return configurator.Build(bus);
    }
}
