using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Publishes by sending to every queue that subscribes to the message's types. Not atomic: when one of several queues fails the publisher
/// sees the failure and may publish again, and the others get the message twice.
/// </summary>
sealed class PublishSendTransportContext(AmazonSqsHostConfiguration host, ReceiveEndpointContext endpoint, string typeName)
    : SqsSendTransportContext(host, endpoint)
{
    public override string EntityName => typeName;

    public override Task Send<T>(SqsClientContext transportContext, SendContext<T> sendContext)
    {
        var queues = Host.Subscriptions.Find(sendContext.SupportedMessageTypes ?? []);
        if (queues.Count == 0)
        {
            ReportNoSubscriber(sendContext.SupportedMessageTypes?.FirstOrDefault() ?? EntityName);
            return Task.CompletedTask;
        }
        return Task.WhenAll(queues.Select(queue => transportContext.Connection.Send(new AmazonSqsEndpointAddress(Host.HostAddress, queue).EntityName,
            createQueue: true, CreateEntry(sendContext), sendContext.CancellationToken)));
    }

    void ReportNoSubscriber(string messageUrn)
    {
        // Nobody has to listen to MassTransit's own events, such as Fault<T>.
        if (messageUrn.StartsWith("urn:message:MassTransit:", StringComparison.Ordinal) || !Host.Subscriptions.IsFirstReport(messageUrn))
            return;
        MassTransit.LogContext.Warning?.Log("A published message went nowhere, no queue subscribes to {MessageType} (reported once)", messageUrn);
    }
}
