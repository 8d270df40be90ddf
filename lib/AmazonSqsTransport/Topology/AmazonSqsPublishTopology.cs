using System.Diagnostics.CodeAnalysis;
using MassTransit.Configuration;
using MassTransit.Topology;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Gives published types their addresses, and notes which types are published.</summary>
sealed class AmazonSqsPublishTopology(IMessageTopology messageTopology, SubscriptionTable subscriptions) : PublishTopology
{
    protected override IMessagePublishTopologyConfigurator CreateMessageTopology<T>()
    {
        var topology = new TypeTopology<T>(this, messageTopology.GetMessageTopology<T>());
        OnMessageTopologyCreated(topology);
        subscriptions.Declare(MessageTypeCache<T>.MessageTypeNames);
        return topology;
    }

    sealed class TypeTopology<T>(IPublishTopology publishTopology, IMessageTopology<T> messageTopology) : MessagePublishTopology<T>(publishTopology)
        where T : class
    {
        public override bool TryGetPublishAddress(Uri baseAddress, [NotNullWhen(true)] out Uri? publishAddress)
        {
            publishAddress = new AmazonSqsEndpointAddress(baseAddress, messageTopology.EntityName, isTopic: true).ToUri();
            return true;
        }
    }
}
