using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.Transport.Sample;

public sealed record ShipOrder(Guid OrderId);

public sealed record OrderShipped(Guid OrderId);

public sealed class ShipOrderConsumer : IConsumer<ShipOrder>
{
    public async Task Consume(ConsumeContext<ShipOrder> context)
    {
        await context.Publish(new OrderShipped(context.Message.OrderId)); // a second delivery publishes again: subscribers know the order
        await context.RespondAsync(new OrderShipped(context.Message.OrderId));
    }
}

public sealed class ShipOrderDefinition : ConsumerDefinition<ShipOrderConsumer>
{
    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<ShipOrderConsumer> consumerConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.ConcurrentMessageLimit = 16;
        if (endpointConfigurator is IAmazonSqsReceiveEndpointConfigurator sqs)
        {
            sqs.WaitTimeSeconds = 1;
            sqs.QueueAttributes["VisibilityTimeout"] = 60;
            sqs.UseNativeDeadLetterQueue(maxReceiveCount: 5, backOff: [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)]);
        }
    }
}

public static class Orders
{
    public static void AddOrders(this IServiceCollection services, IConfiguration routes, Action<IAmazonSqsHostConfigurator>? host = null) => services.AddMassTransit(x =>
    {
        x.SetKebabCaseEndpointNameFormatter();
        x.AddConsumer<ShipOrderConsumer, ShipOrderDefinition>();
        x.AddRequestClient<ShipOrder>(new Uri("queue:ship-order"));
        x.UsingAmazonSqs((context, cfg) =>
        {
            cfg.Host("eu-west-2", host);
            cfg.SubscribePublished(routes); // "Migration.Tests.Transport.Sample.OrderShipped": "reports"
            cfg.ConfigureEndpoints(context);
        });
    });
}
