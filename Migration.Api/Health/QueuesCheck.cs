using System.Globalization;
using Amazon.Runtime;
using Amazon.SQS;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Migration.Api.Messaging;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs;
using Migration.Sagas.Syncs;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Api.Health;

/// <summary>Every queue of the service and its dead letters, a component each, named <c>&lt;queue&gt;-health</c>.</summary>
sealed class QueuesCheck(IAmazonSQS sqs, SqsSettings settings, DomainRegistry domains, SyncDomainRegistry syncDomains, EventQueueNames events) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var depths = new QueueDepths(sqs, settings);
        string[] queues =
        [
            QueueNames.Runs, QueueNames.Counts, QueueNames.Notices, SyncQueues.Syncs, .. domains.All.SelectMany(x => QueueNames.Of(x.Name)),
            .. syncDomains.All.SelectMany(x => events.Of(x).Concat(SyncQueues.Of(x.Name))).Distinct(StringComparer.Ordinal),
        ];
        var components = await Task.WhenAll(queues.Select(async queue => (Queue: queue, Health: await CheckAsync(depths, queue, cancellationToken))));
        var data = components.ToDictionary(x => x.Queue + "-health", x => (object)x.Health, StringComparer.Ordinal);
        return components.All(x => x.Health.Status == "UP") ? HealthCheckResult.Healthy(data: data) : HealthCheckResult.Unhealthy(data: data);
    }

    async Task<ComponentHealth> CheckAsync(QueueDepths depths, string queue, CancellationToken cancellationToken)
    {
        var details = new Dictionary<string, object>(StringComparer.Ordinal) { ["queueName"] = settings.QueueName(queue) };
        try
        {
            var main = await depths.FindAsync(queue, cancellationToken);
            var dead = await depths.FindAsync(QueueNames.DeadLetters(queue), cancellationToken);
            details["dlqName"] = settings.QueueName(QueueNames.DeadLetters(queue));
            details["dlqStatus"] = dead is not null && main is not { HasRedrivePolicy: false } ? "UP" : "DOWN";
            if (main is not null)
            {
                details["messagesOnQueue"] = Text(main.Visible);
                details["messagesInFlight"] = Text(main.InFlight);
            }
            if (dead is not null)
                details["messagesOnDlq"] = Text(dead.Visible);
            if (main is null || dead is null)
                details["error"] = "queue does not exist";
            return new ComponentHealth(main is { HasRedrivePolicy: true } && dead is not null ? "UP" : "DOWN", details);
        }
        catch (Exception exception) when (exception is AmazonSQSException or AmazonClientException or HttpRequestException)
        {
            details["error"] = exception.GetType().Name;
            details["dlqStatus"] = "DOWN";
            return new ComponentHealth("DOWN", details);
        }
    }

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
