using MassTransit;

namespace Migration.Tests.Transport;

public class Metrics_Specs : TransportFixture
{
    [Test]
    public async Task Should_count_requests_by_action_and_queue()
    {
        using var counts = new AmazonSqsRequestCounts();
        var queue = $"counted-{Guid.NewGuid():N}";
        var done = 0;
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint(queue, e => e.Handler<Ping>(_ =>
        {
            Interlocked.Increment(ref done);
            return Task.CompletedTask;
        })));

        await bus.Send(queue, new Ping(1));
        await Eventually(() => done == 1 && DepthOf(queue) is { Visible: 0, InFlight: 0 }, "the message is consumed");

        Assert.That(counts.Of("SendMessageBatch", queue), Is.EqualTo(1));
        Assert.That(counts.Of("DeleteMessageBatch", queue), Is.EqualTo(1));
        Assert.That(counts.Of("ReceiveMessage", queue), Is.GreaterThanOrEqualTo(1));
        Assert.That(counts.ByAction()["CreateQueue"], Is.GreaterThanOrEqualTo(1));
        Assert.That(counts.Total, Is.GreaterThan(5));
    }
}
