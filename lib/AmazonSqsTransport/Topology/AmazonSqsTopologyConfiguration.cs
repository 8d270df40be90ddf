using MassTransit.Configuration;
using MassTransit.Topology;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Topology of a bus; an endpoint's shares all but the consume topology.</summary>
sealed class AmazonSqsTopologyConfiguration : ITopologyConfiguration
{
    /// <summary>SQS allows 80 characters in a queue name.</summary>
    const int MaxQueueNameLength = 80;

    public AmazonSqsTopologyConfiguration()
    {
        Message = new MessageTopology(new MessageEntityNameFormatter());

        Send = new SendTopology();
        Send.ConnectSendTopologyConfigurationObserver(new DelegateSendTopologyConfigurationObserver(GlobalTopology.Send));

        Publish = new AmazonSqsPublishTopology(Message, Subscriptions);
        Publish.ConnectPublishTopologyConfigurationObserver(new DelegatePublishTopologyConfigurationObserver(GlobalTopology.Publish));
        Publish.ConnectPublishTopologyConfigurationObserver(new PublishToSendTopologyConfigurationObserver(Send));

        Consume = new EndpointConsumeTopology();
    }

    public AmazonSqsTopologyConfiguration(AmazonSqsTopologyConfiguration bus)
    {
        Subscriptions = bus.Subscriptions;
        Message = bus.Message;
        Send = bus.Send;
        Publish = bus.Publish;
        Consume = new EndpointConsumeTopology();
    }

    public SubscriptionTable Subscriptions { get; } = new();

    public IMessageTopologyConfigurator Message { get; }

    public ISendTopologyConfigurator Send { get; }

    public IPublishTopologyConfigurator Publish { get; }

    public IConsumeTopologyConfigurator Consume { get; }

    public IEnumerable<ValidationResult> Validate() => Send.Validate().Concat(Publish.Validate()).Concat(Consume.Validate());

    sealed class EndpointConsumeTopology() : ConsumeTopology(MaxQueueNameLength)
    {
        public override string CreateTemporaryQueueName(string tag) => TemporaryQueues.NewName(tag);
    }
}
