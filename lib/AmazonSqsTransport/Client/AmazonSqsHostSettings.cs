using Amazon;
using Amazon.Runtime;
using Amazon.SQS;

namespace MassTransit.AmazonSqsTransport;

/// <summary>How to reach SQS.</summary>
/// <param name="Address">Region and scope.</param>
public sealed record AmazonSqsHostSettings(AmazonSqsHostAddress Address)
{
    /// <summary>Credentials; null for the SDK's default chain.</summary>
    public AWSCredentials? Credentials { get; init; }

    /// <summary>The SDK's client configuration; null for its defaults in the host's region.</summary>
    public AmazonSQSConfig? ClientConfig { get; init; }

    /// <summary>Batch requests under way at once, a queue and an action.</summary>
    public int RequestConcurrency { get; init; } = 4;

    /// <summary>The clock of pauses, delays and visibilities; the system's unless a test sets another.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal IAmazonSQS CreateClient()
    {
        var config = ClientConfig ?? new AmazonSQSConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(Address.Host) };
        if (config.ServiceURL is not null)
            config.AuthenticationRegion ??= Address.Host; // a URL does not tell the region that requests are signed for

        return Credentials is null ? new AmazonSQSClient(config) : new AmazonSQSClient(Credentials, config);
    }
}
