using MassTransit.Configuration;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Notes what the endpoint's consumers consume, so that it is published to the endpoint's queue.</summary>
sealed class SubscribingEndpointBuilder(AmazonSqsReceiveEndpointConfiguration configuration, SubscriptionTable subscriptions) : ReceiveEndpointBuilder(configuration)
{
    public override ConnectHandle ConnectConsumePipe<T>(IPipe<ConsumeContext<T>> pipe, ConnectPipeOptions options)
    {
        if (configuration.ConfigureConsumeTopology
            && options.HasFlag(ConnectPipeOptions.ConfigureConsumeTopology)
            && configuration.Topology.Consume.GetMessageTopology<T>().ConfigureConsumeTopology
            && GlobalTopology.IsConsumableMessageType(typeof(T)))
            subscriptions.Add(MessageUrn.ForTypeString<T>(), configuration.QueueName);

        return base.ConnectConsumePipe(pipe, options);
    }
}
