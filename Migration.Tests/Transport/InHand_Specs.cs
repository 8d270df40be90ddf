using System.Collections.Concurrent;
using MassTransit;

namespace Migration.Tests.Transport;

/// <summary>What an endpoint has in hand is looked after, whatever consumers do.</summary>
public class InHand_Specs : FastTransportFixture
{
    readonly ConcurrentQueue<(int Number, int Receive)> _begun = new();
    TaskCompletionSource _release = new();

    [SetUp]
    public void Clear()
    {
        _begun.Clear();
        _release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [Test]
    public async Task Should_extend_the_others_after_a_callback_on_a_consumers_token_has_thrown()
    {
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 10;
            e.MaxVisibilityTimeout = TimeSpan.FromSeconds(20);
            e.Handler<Ping>(async x =>
            {
                Note(x);
                if (x.GetReceiveCount() > 1)
                    return;
                await using var _ = x.CancellationToken.Register(() => throw new InvalidOperationException("a callback that fails"));
                await Task.Delay(Timeout.Infinite, x.CancellationToken);
            });
        }));
        await bus.Send("work", new Ping(1));
        await Eventually(() => Log.Warnings.Any(x => x.Contains("a callback that fails")), "its work is cancelled");

        var renewals = RequestsOf("ChangeMessageVisibilityBatch");
        await bus.Send("work", new Ping(2));

        await Eventually(() => RequestsOf("ChangeMessageVisibilityBatch") >= renewals + 2, "the second one is extended");
        await Eventually(() => _begun.Contains((1, 2)), "the first one is delivered again");
    }

    [Test]
    public async Task Should_extend_what_waits_while_consumers_block_their_threads()
    {
        var sender = await StartBus(_ => { });
        await Task.WhenAll(Enumerable.Range(0, 5).Select(x => sender.Send("work", new Ping(x))));
        try
        {
            await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
            {
                e.QueueAttributes["VisibilityTimeout"] = 10;
                e.PrefetchCount = 10;
                e.ConcurrentMessageLimit = 2;
                e.Handler<Ping>(x =>
                {
                    Note(x);
                    _release.Task.Wait();
                    return Task.CompletedTask;
                });
            }));
            await Eventually(() => _begun.Count == 2, "as many work as may");
            var renewals = RequestsOf("ChangeMessageVisibilityBatch");
            await Eventually(() => RequestsOf("ChangeMessageVisibilityBatch") >= renewals + 4, "they and the others are extended");
            Assert.That(DepthOf("work"), Has.Property("InFlight").EqualTo(5).And.Property("Visible").Zero);
        }
        finally
        {
            _release.SetResult();
        }

        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 }, "all end");
        Assert.That(_begun.Order(), Is.EqualTo(Enumerable.Range(0, 5).Select(x => (x, 1))));
    }

    [Test]
    public async Task Should_begin_the_next_delivery_when_cancelled_work_has_ended()
    {
        var cancelled = new TaskCompletionSource();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 10;
            e.MaxVisibilityTimeout = TimeSpan.FromSeconds(20);
            e.Handler<Ping>(async x =>
            {
                Note(x);
                if (x.GetReceiveCount() > 1)
                    return;
                await using var _ = x.CancellationToken.Register(() => cancelled.TrySetResult());
                await _release.Task; // it takes its time
                x.CancellationToken.ThrowIfCancellationRequested();
            });
        }));
        await bus.Send("work", new Ping(1));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));

        var renewals = RequestsOf("ChangeMessageVisibilityBatch");
        await Eventually(() => RequestsOf("ChangeMessageVisibilityBatch") > renewals, "it has been delivered again, and that delivery is kept");
        Assert.That(_begun, Is.EqualTo(new[] { (1, 1) }), "never twice at once");
        _release.SetResult();

        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 }, "it ends");
        Assert.That(_begun, Is.EqualTo(new[] { (1, 1), (1, 2) }), "no delivery is spent without an attempt");
    }

    [Test, Description("MassTransit issue 5915: the process stood still for longer than the visibility; what it had in hand came again, was taken for a duplicate, and hidden for ever")]
    public async Task Should_end_a_message_that_comes_again_after_the_process_stood_still()
    {
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 30;
            e.RethrowFaultedMessages();
            e.Handler<Ping>(async x =>
            {
                Note(x);
                if (x.GetReceiveCount() == 1)
                    throw new InvalidOperationException("once");
                await _release.Task;
            });
        }));
        await bus.Send("work", new Ping(1));
        await Eventually(() => _begun.Contains((1, 2)), "it is in hand for the second time");

        Clock.Advance(TimeSpan.FromSeconds(40));
        var polls = RequestsOf("ReceiveMessage");
        await Eventually(() => RequestsOf("ReceiveMessage") >= polls + 3 && DepthOf("work") is { Visible: 0, InFlight: 1 }, "it has come again");
        _release.SetResult();

        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 }, "it ends");
        var renewals = RequestsOf("ChangeMessageVisibilityBatch");
        polls = RequestsOf("ReceiveMessage");
        await Eventually(() => RequestsOf("ReceiveMessage") >= polls + 20, "more than half a minute goes by");
        Assert.That(RequestsOf("ChangeMessageVisibilityBatch"), Is.EqualTo(renewals), "nothing is extended any more");
    }

    void Note(ConsumeContext<Ping> context) => _begun.Enqueue((context.Message.Number, context.GetReceiveCount()));
}
