using MassTransit.AmazonSqsTransport;

namespace MassTransit;

/// <summary>Selects Amazon SQS as the transport of a bus.</summary>
public static class AmazonSqsBusFactoryConfiguratorExtensions
{
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
