using Amazon.Runtime;
using Amazon.SQS;
using MassTransit.AmazonSqsTransport;

namespace MassTransit;

/// <summary>Collects the settings of a host.</summary>
sealed class AmazonSqsHostConfigurator(Uri hostAddress) : IAmazonSqsHostConfigurator
{
    string? _accessKey;
    string? _secretKey;

    public AmazonSqsHostSettings Settings { get; private set; } = new(new AmazonSqsHostAddress(hostAddress));

    public void AccessKey(string accessKey)
    {
        _accessKey = accessKey;
        UseKeys();
    }

    public void SecretKey(string secretKey)
    {
        _secretKey = secretKey;
        UseKeys();
    }

    public void Credentials(AWSCredentials credentials) => Settings = Settings with { Credentials = credentials };

    public void Config(AmazonSQSConfig? config) => Settings = Settings with { ClientConfig = config };

    public void Scope(string scope, bool scopeTopics = false) => Settings = Settings with { Address = new AmazonSqsHostAddress(Settings.Address.Host, scope) };

    public void SendConcurrency(int requestsPerQueue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(requestsPerQueue, 1);
        Settings = Settings with { RequestConcurrency = requestsPerQueue };
    }

    void UseKeys()
    {
        if (_accessKey is not null && _secretKey is not null)
            Credentials(new BasicAWSCredentials(_accessKey, _secretKey));
    }
}
