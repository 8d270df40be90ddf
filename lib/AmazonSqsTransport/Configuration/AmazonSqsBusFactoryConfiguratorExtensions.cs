using MassTransit.AmazonSqsTransport;

namespace MassTransit;

/// <summary>Selects Amazon SQS as the transport of a bus.</summary>
public static class AmazonSqsBusFactoryConfiguratorExtensions
{
    /// <summary>Creates a bus on Amazon SQS without a container. Usage telemetry is sent by containers only.</summary>
    public static IBusControl CreateUsingAmazonSqs(this IBusFactorySelector selector, Action<IAmazonSqsBusFactoryConfigurator> configure) =>
        AmazonSqsBusFactory.Create(configure);

    /// <summary>
    /// Uses Amazon SQS for the bus. MassTransit's usage telemetry, which is on by default and calls out to the internet, is switched off.
    /// </summary>
    public static void UsingAmazonSqs(this IBusRegistrationConfigurator configurator,
        Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.DisableUsageTelemetry();
        configurator.SetBusFactory(new AmazonSqsRegistrationBusFactory(configure));
    }
}
