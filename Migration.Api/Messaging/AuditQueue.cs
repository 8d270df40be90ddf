using System.Text.Json;
using Amazon.SQS;
using Amazon.SQS.Model;
using Migration.Sagas.Notices;

namespace Migration.Api.Messaging;

/// <summary>Sends audit events in the audit service's format (spec: engine 5.4). Without a configured queue there is nobody to tell.</summary>
sealed class AuditQueue(IAmazonSQS sqs, SqsSettings settings) : IAuditQueue
{
    const string Service = "hmpps-prisoner-from-nomis-migration";

    public async Task SendAsync(AuditNotice notice, CancellationToken cancellationToken)
    {
        if (settings.AuditQueue is not { } queue)
            return;
        var url = (await sqs.GetQueueUrlAsync(queue, cancellationToken)).QueueUrl;
        var body = JsonSerializer.Serialize(new
        {
            what = notice.What,
            when = notice.When,
            operationId = (string?)null,
            who = notice.Who,
            service = Service,
            details = notice.Details,
            subjectId = (string?)null,
            subjectType = (string?)null,
            correlationId = (string?)null,
        });
        await sqs.SendMessageAsync(new SendMessageRequest(url, body)
        {
            MessageAttributes = new() { ["eventType"] = new MessageAttributeValue { DataType = "String", StringValue = "hmpps-audit-event" } },
        }, cancellationToken);
    }
}
