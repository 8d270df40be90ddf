using Amazon;
using Amazon.Runtime;
using Amazon.SQS;

namespace Migration.Api.Messaging;

/// <summary>Where SQS is. Without a URL it is AWS, with the default credential chain (web identity in the cluster).</summary>
/// <param name="Region">AWS region.</param>
/// <param name="ServiceUrl">Another endpoint, for local use; null means AWS.</param>
/// <param name="AccessKey">Static key, for local use only; null means the default chain.</param>
/// <param name="QueuePrefix">Begins every queue name, so that environments can share an account; null for none.</param>
/// <param name="AuditQueue">Name of the audit service's queue; null sends no audit events.</param>
sealed record SqsSettings(string Region, string? ServiceUrl, string? AccessKey, string? SecretKey, string? QueuePrefix, string? AuditQueue)
{
    public static SqsSettings From(IConfiguration configuration)
    {
        var url = configuration["HMPPS_SQS_LOCALSTACK_URL"] ?? configuration["Sqs:ServiceUrl"];
        var isLocal = !string.IsNullOrEmpty(url);
        return new SqsSettings(
            configuration["HMPPS_SQS_REGION"] ?? "eu-west-2",
            isLocal ? url : null,
            isLocal ? "local" : null,
            isLocal ? "local" : null,
            configuration["Sqs:QueuePrefix"] is { Length: > 0 } prefix ? prefix : null,
            configuration["HMPPS_SQS_QUEUES_AUDIT_QUEUE_NAME"] is { Length: > 0 } audit ? audit : null);
    }

    public AmazonSQSConfig ClientConfig() => ServiceUrl is null
        ? new AmazonSQSConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(Region) }
        : new AmazonSQSConfig { ServiceURL = ServiceUrl, AuthenticationRegion = Region };

    public IAmazonSQS CreateClient() => AccessKey is null
        ? new AmazonSQSClient(ClientConfig())
        : new AmazonSQSClient(new BasicAWSCredentials(AccessKey, SecretKey), ClientConfig());

    /// <summary>The name of a queue in the account.</summary>
    public string QueueName(string queue) => QueuePrefix is null ? queue : $"{QueuePrefix}_{queue}";
}
