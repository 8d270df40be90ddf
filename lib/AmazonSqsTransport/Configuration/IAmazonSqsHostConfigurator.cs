using Amazon.Runtime;
using Amazon.SQS;

namespace MassTransit;

/// <summary>Configures the connection to Amazon SQS. Without keys or credentials the SDK's default chain is used, web identity included.</summary>
public interface IAmazonSqsHostConfigurator
{
    /// <summary>Sets the access key; goes with <see cref="SecretKey" />.</summary>
    void AccessKey(string accessKey);

    /// <summary>Sets the secret key; goes with <see cref="AccessKey" />.</summary>
    void SecretKey(string secretKey);

    /// <summary>Sets the credentials, instead of the two keys.</summary>
    void Credentials(AWSCredentials credentials);

    /// <summary>Sets the SDK's client configuration, for example <c>ServiceURL</c> for a local endpoint.</summary>
    void Config(AmazonSQSConfig? config);

    /// <summary>Makes <paramref name="scope" /> and an underscore the prefix of every queue name.</summary>
    /// <param name="scope">Letters, digits, hyphens and underscores.</param>
    /// <param name="scopeTopics">Accepted for compatibility: published messages go to queues, which are always scoped.</param>
    void Scope(string scope, bool scopeTopics = false);

    /// <summary>Batch requests that may be under way at once, a queue and an action. Default 4.</summary>
    void SendConcurrency(int requestsPerQueue);
}
