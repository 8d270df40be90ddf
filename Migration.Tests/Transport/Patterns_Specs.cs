using System.Collections.Concurrent;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.Transport;

/// <summary>What MassTransit offers on every transport, on this one.</summary>
public class Patterns_Specs : TransportFixture
{
    [Test]
    public async Task Should_send_where_the_endpoint_convention_says()
    {
        EndpointConvention.Map<Mapped>(new Uri("queue:mapped"));
        var bus = await StartBus(_ => { });

        await bus.Control.Send(new Mapped(1));

        Assert.That(DepthOf("mapped").Visible, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_deliver_a_failed_message_again_after_a_delay_when_redelivery_is_configured()
    {
        var redeliveries = new ConcurrentQueue<int>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseDelayedRedelivery(r => r.Intervals(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
            e.Handler<Ping>(x =>
            {
                redeliveries.Enqueue(x.GetRedeliveryCount());
                return x.GetRedeliveryCount() < 2 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
            });
        }));

        await bus.Send("work", new Ping(1));

        await Eventually(() => redeliveries.Count == 3 && DepthOf("work") is { Visible: 0, InFlight: 0, Delayed: 0 }, "the third delivery succeeds");
        Assert.That(redeliveries, Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { "work" }), "nothing went to an error queue");
    }

    [Test]
    public async Task Should_consume_in_batches()
    {
        BatchConsumer.Sizes.Clear();
        var bus = CreateBus((context, cfg) => cfg.ConfigureEndpoints(context), x =>
            x.AddConsumer<BatchConsumer>(c => c.Options<BatchOptions>(o => o.SetMessageLimit(10).SetTimeLimit(s: 1))).Endpoint(e => e.Name = "batches"));
        await bus.Control.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 25).Select(x => bus.Send("batches", new Ping(x))));

        await Eventually(() => BatchConsumer.Sizes.Sum() == 25 && DepthOf("batches") is { Visible: 0, InFlight: 0 }, "all are consumed and deleted");
        Assert.That(BatchConsumer.Sizes.Max(), Is.EqualTo(10));
    }

    [Test]
    public async Task Should_serve_the_test_harness()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMassTransitTestHarness(x =>
        {
            x.AddConsumer<BatchlessConsumer>();
            x.UsingAmazonSqs((context, cfg) =>
            {
                UseServer(cfg);
                cfg.ConfigureEndpoints(context);
            });
        });
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var harness = provider.GetRequiredService<ITestHarness>();
        await harness.Start();

        await harness.Bus.Publish(new Named("x"));

        Assert.That(await harness.Consumed.Any<Named>(x => x.Context.Message.Name == "x"), Is.True);
        Assert.That(await harness.GetConsumerHarness<BatchlessConsumer>().Consumed.Any<Named>(), Is.True);
        await harness.Stop();
    }

    [Test]
    public async Task Should_delete_the_queue_of_an_endpoint_that_is_temporary()
    {
        var bus = await StartBus(cfg =>
        {
            cfg.ReceiveEndpoint("passing", e =>
            {
                e.AutoDelete = true;
                e.Handler<Ping>(_ => Task.CompletedTask);
            });
            cfg.ReceiveEndpoint("fleeting", e =>
            {
                e.Durable = false;
                e.Handler<Ping>(_ => Task.CompletedTask);
            });
            cfg.ReceiveEndpoint("staying", e => e.Handler<Ping>(_ => Task.CompletedTask));
        });
        await Eventually(() => Broker.Depths.Count == 3, "all are there");

        await bus.Stop();

        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { "staying" }));
    }

    [Test]
    public async Task Should_remove_what_a_queue_holds_when_it_is_told_to()
    {
        var received = new ConcurrentBag<int>();
        var sender = await StartBus(_ => { });
        await sender.Send("work", new Ping(1));

        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PurgeOnStartup = true;
            e.Handler<Ping>(x =>
            {
                received.Add(x.Message.Number);
                return Task.CompletedTask;
            });
        }));
        await bus.Send("work", new Ping(2));

        await Eventually(() => !received.IsEmpty, "the new message is consumed");
        Assert.That(received, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task Should_leave_a_failed_message_to_the_queue_when_faults_are_rethrown()
    {
        var times = new ConcurrentQueue<long>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.RethrowFaultedMessages();
            e.ThrowOnSkippedMessages();
            e.RedeliverVisibilityTimeout = 1;
            e.Handler<Ping>(x =>
            {
                times.Enqueue(TimeProvider.System.GetTimestamp());
                return x.GetReceiveCount() < 2 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
            });
        }));

        await bus.Send("work", new Ping(1));

        await Eventually(() => times.Count == 2 && DepthOf("work") is { Visible: 0, InFlight: 0 }, "the second delivery succeeds");
        Assert.That(TimeProvider.System.GetElapsedTime(times.First(), times.Last()).TotalSeconds, Is.GreaterThan(0.9));
        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { "work" }));
    }

    public sealed record Mapped(int Number);

    public sealed class BatchlessConsumer : IConsumer<Named>
    {
        public Task Consume(ConsumeContext<Named> context) => Task.CompletedTask;
    }

    public sealed class BatchConsumer : IConsumer<Batch<Ping>>
    {
        public static ConcurrentBag<int> Sizes { get; } = [];

        public Task Consume(ConsumeContext<Batch<Ping>> context)
        {
            Sizes.Add(context.Message.Length);
            return Task.CompletedTask;
        }
    }
}
