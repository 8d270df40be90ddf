using MassTransit.AmazonSqsTransport;

namespace MassTransit;

/// <summary>Configures a bus on Amazon SQS.</summary>
public interface IAmazonSqsBusFactoryConfigurator : IBusFactoryConfigurator<IAmazonSqsReceiveEndpointConfigurator>
{
    /// <summary>Sets the host. See the <c>Host</c> extension methods.</summary>
    void Host(AmazonSqsHostSettings settings);

    /// <summary>
    /// Published messages of type <typeparamref name="T" /> also go to <paramref name="queueName" />. Publishing is a fan-out by the sender,
    /// without SNS; the queues of this bus's own endpoints are known, those of other processes are named here.
    /// </summary>
    void SubscribePublished<T>(string queueName)
        where T : class;

    /// <summary>Names the bus's own temporary queue, which receives responses. Must not be the name of a receive endpoint.</summary>
    void OverrideDefaultBusEndpointQueueName(string value);
}
