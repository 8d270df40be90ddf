using Amazon;
using Amazon.Runtime;
using Amazon.SQS;
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

    /// <summary>Configures a local endpoint at <c>http://localhost:4566</c>, where LocalStack listens unless told otherwise.</summary>
    public static void LocalstackHost(this IAmazonSqsBusFactoryConfigurator configurator) =>
        configurator.Host(new Uri("amazonsqs://localhost:4566"), h =>
        {
            h.AccessKey("admin");
            h.SecretKey("admin");
            h.Config(new AmazonSQSConfig { ServiceURL = "http://localhost:4566", AuthenticationRegion = "us-east-1" });
        });

    /// <summary>
    /// Configures the host with region and credentials from where the SDK looks for them: environment, profile, web identity, container, instance.
    /// Throws <see cref="ConfigurationException" /> when no region is found.
    /// </summary>
    public static void UseDefaultHost(this IAmazonSqsBusFactoryConfigurator configurator, Action<IAmazonSqsHostConfigurator>? configure = null) =>
        configurator.UseDefaultHost(FallbackRegionFactory.GetRegionEndpoint()
            ?? throw new ConfigurationException("No AWS region is configured: set AWS_REGION, or name the region"), configure);

    /// <summary>Configures the host in a region, with credentials from where the SDK looks for them.</summary>
    public static void UseDefaultHost(this IAmazonSqsBusFactoryConfigurator configurator, RegionEndpoint endpoint, Action<IAmazonSqsHostConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        configurator.Host(endpoint.SystemName, configure);
    }

    /// <summary>Adds a receive endpoint on a temporary queue with a generated name.</summary>
    public static void ReceiveEndpoint(this IAmazonSqsBusFactoryConfigurator configurator, Action<IAmazonSqsReceiveEndpointConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.ReceiveEndpoint(new TemporaryEndpointDefinition(), DefaultEndpointNameFormatter.Instance, configure);
    }

    /// <summary>Adds a receive endpoint as <paramref name="definition" /> describes it.</summary>
    public static void ReceiveEndpoint(this IAmazonSqsBusFactoryConfigurator configurator, IEndpointDefinition definition,
        Action<IAmazonSqsReceiveEndpointConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.ReceiveEndpoint(definition, DefaultEndpointNameFormatter.Instance, configure);
    }
}
