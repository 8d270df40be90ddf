using System.Collections.Concurrent;
using MassTransit;

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
    public async Task Should_warn_once_when_nobody_subscribes()
    {
        var bus = await StartBus(_ => { });

        await bus.Control.Publish(new Named("x"));
        await bus.Control.Publish(new Named("y"));

        Assert.That(Log.Warnings.Count(x => x.Contains("no queue subscribes") && x.Contains("Named")), Is.EqualTo(1));
    }
}
