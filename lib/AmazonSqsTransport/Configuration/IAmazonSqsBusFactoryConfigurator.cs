using MassTransit.AmazonSqsTransport;
using Microsoft.Extensions.Configuration;

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

    /// <summary>
    /// Adds the routes of a configuration section that all processes share: a key for each published type (its full name, for example
    /// <c>My.Contracts.OrderShipped</c>; <c>Outer+Nested</c> for a nested one), with one queue name or a list of them as its value. A type without
    /// a queue is warned about at start-up.
    /// </summary>
    void SubscribePublished(IConfiguration routes);

    /// <summary>Says that this bus publishes <typeparamref name="T" />: it is warned about at start-up when no queue subscribes to it.</summary>
    void Publish<T>()
        where T : class;

    /// <summary>Names the bus's own temporary queue, which receives responses. Must not be the name of a receive endpoint.</summary>
    void OverrideDefaultBusEndpointQueueName(string value);
}
