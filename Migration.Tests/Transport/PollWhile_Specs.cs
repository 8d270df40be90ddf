using System.Collections.Concurrent;
using MassTransit;

namespace Migration.Tests.Transport;

public class PollWhile_Specs : TransportFixture
{
    [Test]
    public async Task Should_not_receive_while_it_is_closed()
    {
        var isOpen = false;
        var counts = new ConcurrentQueue<int>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PollWhile(() => Volatile.Read(ref isOpen));
            e.Handler<Ping>(x =>
            {
                counts.Enqueue(x.GetReceiveCount());
                return Task.CompletedTask;
            });
        }));
        await bus.Send("work", new Ping(1));
        Assert.That(RequestsOf("ReceiveMessage"), Is.Zero);
        Assert.That(bus.Health, Is.EqualTo(BusHealthStatus.Healthy));

        Volatile.Write(ref isOpen, true);

        await Eventually(() => !counts.IsEmpty, "the message is consumed");
        Assert.That(counts, Is.EqualTo(new[] { 1 }), "no receive was spent while it was closed");
    }

    [Test]
    public async Task Should_hold_messages_that_were_received_before_it_closed()
    {
        var isOpen = true;
        var first = new TaskCompletionSource();
        var begun = new ConcurrentQueue<int>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 1;
            e.PrefetchCount = 10;
            e.ConcurrentMessageLimit = 1;
            e.PollWhile(() => Volatile.Read(ref isOpen));
            e.Handler<Ping>(async x =>
            {
                begun.Enqueue(x.GetReceiveCount());
                await first.Task;
            });
        }));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(x => bus.Send("work", new Ping(x))));
        await Eventually(() => begun.Count == 1 && DepthOf("work").InFlight == 5, "one has begun and four are held");

        Volatile.Write(ref isOpen, false);
        first.SetResult();
        await Eventually(() => DepthOf("work").InFlight == 4, "the one that had begun ends");
        var renewals = RequestsOf("ChangeMessageVisibilityBatch");
        await Eventually(() => RequestsOf("ChangeMessageVisibilityBatch") >= renewals + 4, "the held ones are extended beyond their visibility time-out");
        Assert.That(begun, Has.Count.EqualTo(1));

        Volatile.Write(ref isOpen, true);
        await Eventually(() => begun.Count == 5 && DepthOf("work") is { Visible: 0, InFlight: 0 }, "the held ones are consumed");
        Assert.That(begun, Is.All.EqualTo(1));
    }
}
