using MassTransit;

namespace Migration.Tests.Transport;

public class Configuration_Specs : TransportFixture
{
    [Test]
    public void Should_refuse_FIFO_queues() =>
        Assert.That(async () => await StartBus(cfg => cfg.ReceiveEndpoint("ordered.fifo", e => e.Handler<Ping>(_ => Task.CompletedTask))),
            Throws.Exception.With.Message.Contains("FIFO queues are not supported").Or.InnerException.Message.Contains("FIFO queues are not supported"));

    [Test]
    public async Task Should_refuse_to_send_to_FIFO_queues()
    {
        var bus = await StartBus(_ => { });

        Assert.That(async () => await bus.Send("ordered.fifo", new Ping(1)), Throws.ArgumentException.With.Message.Contains("FIFO"));
    }

    [Test]
    public void Should_refuse_what_SQS_would_refuse() =>
        Assert.That(async () => await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseNativeDeadLetterQueue(0);
            e.Handler<Ping>(_ => Task.CompletedTask);
        })), Throws.InstanceOf<ConfigurationException>().With.Message.Contains("maxReceiveCount"));

    [Test]
    public void Should_refuse_a_host_that_comes_after_its_endpoints() =>
        Assert.That(() => CreateBus((_, cfg) =>
        {
            cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ => Task.CompletedTask));
            cfg.Host("eu-west-2");
        }), Throws.Exception.With.Message.Contains("Call Host before ReceiveEndpoint"));

    [Test]
    public async Task Should_let_a_callback_configure_registered_endpoints()
    {
        var bus = CreateBus((context, cfg) => cfg.ConfigureEndpoints(context), x =>
        {
            x.AddConsumer<NamedConsumer>();
            x.AddConfigureEndpointsCallback((_, name, e) =>
            {
                if (e is IAmazonSqsReceiveEndpointConfigurator sqs)
                    sqs.UseNativeDeadLetterQueue(3);
            });
        });
        await bus.Control.StartAsync();

        await Eventually(() => Broker.Depths.Select(x => x.Name).SequenceEqual(["Named", "Named-dlq"]), "the queue has its dead-letter queue");
    }

    [Test]
    public async Task Should_configure_the_endpoints_of_registered_consumers()
    {
        var bus = CreateBus((context, cfg) => cfg.ConfigureEndpoints(context), x =>
        {
            x.SetKebabCaseEndpointNameFormatter();
            x.AddConsumer<NamedConsumer>();
        });
        await bus.Control.StartAsync();

        await bus.Control.Publish(new Named(TestContext.CurrentContext.Test.ID));

        await Eventually(() => NamedConsumer.Last == TestContext.CurrentContext.Test.ID, "the consumer is reached");
        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { "named" }));
    }

    [TestCase("amazonsqs://eu-west-2/blue/work", "blue_work")]
    [TestCase("queue:work", "blue_work")]
    [TestCase("amazonsqs://eu-west-2/work", "work")]
    public void Should_put_the_scope_before_the_name(string address, string queue) =>
        Assert.That(new AmazonSqsEndpointAddress(new Uri("amazonsqs://eu-west-2/blue"), new Uri(address)).EntityName, Is.EqualTo(queue));

    [TestCase("rabbitmq://localhost/work")]
    [TestCase("amazonsqs://eu-west-2/")]
    [TestCase("queue:no.dots")]
    public void Should_refuse_what_is_no_address(string address) =>
        Assert.That(() => new AmazonSqsEndpointAddress(new Uri("amazonsqs://eu-west-2"), new Uri(address)), Throws.ArgumentException);

    public sealed class NamedConsumer : IConsumer<Named>
    {
        public static string? Last { get; private set; }

        public Task Consume(ConsumeContext<Named> context)
        {
            Last = context.Message.Name;
            return Task.CompletedTask;
        }
    }
}
