using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;

namespace Migration.Tests.Transport;

public class Stopping_Specs : TransportFixture
{
    [Test]
    public async Task Should_finish_what_has_begun_and_give_the_rest_back_at_once()
    {
        var consumed = new ConcurrentBag<int>();
        var release = new TaskCompletionSource();
        var begun = 0;
        void Configure(IAmazonSqsBusFactoryConfigurator cfg, Task wait) => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 600;
            e.PrefetchCount = 50;
            e.ConcurrentMessageLimit = 5;
            e.Handler<Ping>(async x =>
            {
                Interlocked.Increment(ref begun);
                await wait;
                consumed.Add(x.Message.Number);
            });
        });
        var first = await StartBus(cfg => Configure(cfg, release.Task));
        await Task.WhenAll(Enumerable.Range(0, 80).Select(x => first.Send("work", new Ping(x))));
        await Eventually(() => begun == 5 && DepthOf("work").InFlight > 40, "five have begun, and there is no room for ten more");

        var stop = first.Stop();
        await Eventually(() => DepthOf("work") is { Visible: 75, InFlight: 5 }, "what has not begun is given back");
        Assert.That(stop.IsCompleted, Is.False, "it waits for what has begun");
        release.SetResult();
        await stop;
        Assert.That(consumed, Has.Count.EqualTo(5));

        var watch = Stopwatch.StartNew();
        await StartBus(cfg => Configure(cfg, Task.CompletedTask));
        await Eventually(() => consumed.Count == 80, "the second bus gets the others");
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(8), "promptly, not after the visibility time-out");
        Assert.That(consumed.Distinct().Count(), Is.EqualTo(80), "nothing was consumed twice");
    }

    [Test]
    public async Task Should_not_cut_off_a_last_poll_and_lose_what_it_brings()
    {
        Server.Faults.CancelledPollsTakeMessages = true;
        var consumed = new ConcurrentBag<int>();
        void Configure(IAmazonSqsBusFactoryConfigurator cfg) => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 600;
            e.Handler<Ping>(x =>
            {
                consumed.Add(x.Message.Number);
                return Task.CompletedTask;
            });
        });
        var first = await StartBus(Configure);
        var sender = await StartBus(_ => { });
        await Eventually(() => RequestsOf("ReceiveMessage") > 0, "a poll is waiting");

        var stop = first.Stop();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(x => sender.Send("work", new Ping(x))));
        await stop;
        await StartBus(Configure);

        await Eventually(() => consumed.Distinct().Count() == 20, "all are consumed", seconds: 10);
    }

    [Test]
    public async Task Should_cancel_consumers_when_the_stop_runs_out_of_time()
    {
        var begun = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseNativeDeadLetterQueue(5, [TimeSpan.Zero]);
            e.Handler<Ping>(async x =>
            {
                begun.TrySetResult();
                await using var _ = x.CancellationToken.Register(() => cancelled.TrySetResult());
                await Task.Delay(Timeout.Infinite, x.CancellationToken);
            });
        }));
        await bus.Send("work", new Ping(1));
        await begun.Task;

        await bus.Stop(TimeSpan.FromSeconds(2));

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(5));
        await Eventually(() => DepthOf("work").Visible == 1, "the message is given back");
    }

    [Test]
    public async Task Should_start_again_after_a_stop()
    {
        var consumed = 0;
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ =>
        {
            Interlocked.Increment(ref consumed);
            return Task.CompletedTask;
        })));
        await bus.Control.StopAsync();
        await bus.Control.StartAsync();

        await bus.Send("work", new Ping(1));

        await Eventually(() => consumed == 1, "the message is consumed");
    }
}
