using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using Migration.Sagas.Runs.Sweeping;

namespace Migration.Api.Messaging;

/// <summary>Approximate depths, as SQS gives them.</summary>
sealed class QueueDepths(IAmazonSQS sqs, SqsSettings settings) : IQueueDepths
{
    public async Task<bool> AreEmptyAsync(IEnumerable<string> queues, CancellationToken cancellationToken)
    {
        foreach (var queue in queues)
            if (await FindAsync(queue, cancellationToken) is { Visible: > 0 })
                return false;
        return true;
    }

    /// <summary>Null when the queue does not exist.</summary>
    public async Task<QueueDepth?> FindAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            var url = (await sqs.GetQueueUrlAsync(settings.QueueName(queue), cancellationToken)).QueueUrl;
            var attributes = (await sqs.GetQueueAttributesAsync(url,
                ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "RedrivePolicy"], cancellationToken)).Attributes;
            return new QueueDepth(Number("ApproximateNumberOfMessages"), Number("ApproximateNumberOfMessagesNotVisible"), attributes.ContainsKey("RedrivePolicy"));

            long Number(string name) => attributes.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
        }
        catch (QueueDoesNotExistException)
        {
            return null;
        }
    }
}

/// <param name="Visible">Messages that wait.</param>
/// <param name="InFlight">Messages that somebody holds.</param>
/// <param name="HasRedrivePolicy">The queue leads to dead letters.</param>
sealed record QueueDepth(long Visible, long InFlight, bool HasRedrivePolicy);
