using MassTransit.AmazonSqsTransport;

namespace MassTransit;

/// <summary>Host and temporary endpoint of a bus on Amazon SQS.</summary>
public static class AmazonSqsHostConfigurationExtensions
{
    /// <summary>Configures the host by its address, <c>amazonsqs://region</c> or <c>amazonsqs://region/scope</c>.</summary>
    public static void Host(this IAmazonSqsBusFactoryConfigurator configurator, Uri hostAddress, Action<IAmazonSqsHostConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        ArgumentNullException.ThrowIfNull(hostAddress);

        var host = new AmazonSqsHostConfigurator(hostAddress);
        configure?.Invoke(host);
        configurator.Host(host.Settings);
    }

    /// <summary>Configures the host by its AWS region, for example <c>eu-west-2</c>.</summary>
    public static void Host(this IAmazonSqsBusFactoryConfigurator configurator, string hostName, Action<IAmazonSqsHostConfigurator>? configure = null) =>
        configurator.Host(new UriBuilder(AmazonSqsHostAddress.AmazonSqsScheme, hostName).Uri, configure);

    /// <summary>Adds a receive endpoint on a temporary queue with a generated name.</summary>
    public static void ReceiveEndpoint(this IAmazonSqsBusFactoryConfigurator configurator, Action<IAmazonSqsReceiveEndpointConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.ReceiveEndpoint(new TemporaryEndpointDefinition(), DefaultEndpointNameFormatter.Instance, configure);
    }
}
