using Amazon.SQS;
using Amazon.SQS.Model;
using Migration.Sagas.Runs;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Api.Messaging;

/// <summary>Puts an unreadable event among the dead letters of its queue, with the reason as an attribute.</summary>
sealed class EventDeadLetters(IAmazonSQS sqs, SqsSettings settings) : IEventDeadLetters
{
    public async Task SendAsync(string queue, string body, string reason, CancellationToken cancellationToken)
    {
        var url = (await sqs.GetQueueUrlAsync(settings.QueueName(QueueNames.DeadLetters(queue)), cancellationToken)).QueueUrl;
        await sqs.SendMessageAsync(new SendMessageRequest(url, body)
        {
            MessageAttributes = new() { ["reason"] = new MessageAttributeValue { DataType = "String", StringValue = reason } },
        }, cancellationToken);
    }
}
