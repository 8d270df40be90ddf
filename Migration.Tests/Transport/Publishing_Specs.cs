using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Configuration;

namespace Migration.Tests.Transport;

public class Publishing_Specs : TransportFixture
{
    [Test]
    public async Task Should_publish_to_all_endpoints_that_consume_the_type_or_what_it_implements()
    {
        var received = new ConcurrentBag<string>();
        var bus = await StartBus(cfg =>
        {
            cfg.ReceiveEndpoint("by-type", e => e.Handler<Named>(x => Note("by-type", x.Message.Name)));
            cfg.ReceiveEndpoint("by-interface", e => e.Handler<INamed>(x => Note("by-interface", x.Message.Name)));
            cfg.ReceiveEndpoint("other", e => e.Handler<Ping>(_ => Note("other", "")));
        });

        await bus.Control.Publish(new Named("x"));

        await Eventually(() => received.Count == 2, "both are reached");
        Assert.That(received, Is.EquivalentTo(new[] { "by-type x", "by-interface x" }));

        Task Note(string queue, string name)
        {
            received.Add($"{queue} {name}");
            return Task.CompletedTask;
        }
    }

    [Test]
    public async Task Should_publish_to_the_configured_queues_of_other_processes()
    {
        var bus = await StartBus(cfg =>
        {
            cfg.SubscribePublished<INamed>("elsewhere");
            cfg.SubscribePublished<Named>("elsewhere");
        });

        await bus.Control.Publish(new Named("x"));

        Assert.That(DepthOf("elsewhere").Visible, Is.EqualTo(1), "once, though two subscriptions match");
    }

    [Test]
    public async Task Should_publish_by_the_routes_that_processes_share_in_configuration()
    {
        var routes = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Routes:Migration.Tests.Transport.Named:0"] = "reports",
            ["Routes:Migration.Tests.Transport.Named:1"] = "archive",
            ["Routes:Migration.Tests.Transport.INamed"] = "everything-named",
            ["Routes:Migration.Tests.Transport.Publishing_Specs+Nested"] = "nested"
        }).Build().GetSection("Routes");
        var bus = await StartBus(cfg => cfg.SubscribePublished(routes));

        await bus.Control.Publish(new Named("x"));
        await bus.Control.Publish(new Nested());

        Assert.That(Broker.Depths.Where(x => x.Visible == 1).Select(x => x.Name), Is.EqualTo(new[] { "archive", "everything-named", "nested", "reports" }));
        Assert.That(Log.Warnings, Is.Empty);
    }

    [Test]
    public async Task Should_warn_at_the_start_of_types_that_are_published_to_nobody()
    {
        var routes = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Migration.Tests.Transport.Question"] = "" }).Build();

        await StartBus(cfg =>
        {
            cfg.Publish<Named>();
            cfg.Publish<Ping>();
            cfg.SubscribePublished(routes);
            cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ => Task.CompletedTask));
            cfg.ReceiveEndpoint("sent-to", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<Answer>(_ => Task.CompletedTask);
            });
        });

        Assert.That(Log.Warnings.Where(x => x.Contains("No queue subscribes")), Has.Exactly(2).Items.And.Some.Contains(":Named").And.Some.Contains(":Question"));
    }

    [Test]
    public async Task Should_publish_to_an_endpoint_that_subscribes_by_hand_only()
    {
        var received = new TaskCompletionSource();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("by-hand", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.Subscribe<INamed>();
            e.Handler<Named>(_ =>
            {
                received.TrySetResult();
                return Task.CompletedTask;
            });
            e.Handler<Ping>(_ => Task.CompletedTask);
        }));

        await bus.Control.Publish(new Named("x"));
        await bus.Control.Publish(new Ping(1));

        await received.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(Log.Warnings, Has.Some.Contains("Ping"), "it was not subscribed to");
    }

    [Test]
    public async Task Should_reach_the_subscribers_of_implemented_types_through_an_outbox()
    {
        var received = new TaskCompletionSource<string>();
        var bus = CreateBus((context, cfg) =>
        {
            cfg.ReceiveEndpoint("by-interface", e => e.Handler<INamed>(x =>
            {
                received.TrySetResult(x.Message.Name);
                return Task.CompletedTask;
            }));
            cfg.ReceiveEndpoint("work", e =>
            {
                e.UseInMemoryOutbox(context);
                e.Handler<Ping>(x => x.Publish(new Named("from the outbox")));
            });
        });
        await bus.Control.StartAsync();

        await bus.Send("work", new Ping(1));

        Assert.That(await received.Task.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo("from the outbox"));
    }

    [Test]
    public async Task Should_find_subscribers_by_the_types_of_the_message_when_only_the_address_was_kept() // as a row of an outbox does
    {
        var bus = await StartBus(cfg => cfg.SubscribePublished<INamed>("by-interface"));
        var endpoint = await bus.Control.GetSendEndpoint(new Uri("topic:Migration_Tests_Transport-Named"));

        await endpoint.Send(new Named("x"));

        Assert.That(DepthOf("by-interface").Visible, Is.EqualTo(1));
    }

    public sealed record Nested;

    [Test]
    public async Task Should_warn_once_when_nobody_subscribes()
    {
        var bus = await StartBus(_ => { });

        await bus.Control.Publish(new Named("x"));
        await bus.Control.Publish(new Named("y"));

        Assert.That(Log.Warnings.Count(x => x.Contains("no queue subscribes") && x.Contains("Named")), Is.EqualTo(1));
    }
}
