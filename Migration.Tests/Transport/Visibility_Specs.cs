using System.Collections.Concurrent;
using MassTransit;

namespace Migration.Tests.Transport;

/// <summary>What went wrong with visibilities in the official package, by the numbers of its issues, and cannot go wrong here.</summary>
public class Visibility_Specs : TransportFixture
{
    readonly ConcurrentQueue<int> _receives = new();

    [SetUp]
    public void Clear() => _receives.Clear();

    [Test, Description("MassTransit issue 2385: the message came back while it waited for its retry, and each copy retried by itself")]
    public async Task Should_keep_a_message_hidden_while_it_waits_for_a_retry_in_the_process()
    {
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 2;
            e.UseNativeDeadLetterQueue(10, [TimeSpan.Zero]);
            e.UseMessageRetry(r => r.Interval(2, TimeSpan.FromSeconds(3)));
            e.Handler<Ping>(x => x.GetRetryAttempt() < 2 ? Fail(x) : Note(x));
        }));

        await bus.Send("work", new Ping(1));

        await Eventually(() => _receives.Count == 3 && DepthOf("work") is { Visible: 0, InFlight: 0 }, "the second retry succeeds");
        Assert.That(_receives, Is.All.EqualTo(1), "one delivery, whatever its retries take");
    }

    [Test, Description("MassTransit issue 2385, where the visibility cannot be extended: retries went on beside the next delivery")]
    public async Task Should_end_retries_in_the_process_when_the_visibility_runs_out()
    {
        var log = new ConcurrentQueue<(int Receive, int Retry)>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 2;
            e.MaxVisibilityTimeout = TimeSpan.FromSeconds(1);
            e.UseNativeDeadLetterQueue(2, [TimeSpan.Zero]);
            e.UseMessageRetry(r => r.Interval(100, TimeSpan.FromSeconds(0.3)));
            e.Handler<Ping>(x =>
            {
                log.Enqueue((x.GetReceiveCount(), x.GetRetryAttempt()));
                throw new InvalidOperationException("always");
            });
        }));

        await bus.Send("work", new Ping(1));

        await Eventually(() => DepthOf("work-dlq").Visible == 1, "both deliveries end");
        var entries = log.ToArray();
        Assert.That(entries.Select(x => x.Receive), Is.Ordered, "no attempt of the first delivery came after the second had begun");
        Assert.That(entries, Has.Member((1, 0)).And.Member((2, 0)), "each delivery began anew");
        Assert.That(Log.Warnings, Has.Some.Contains("its work is cancelled"));
    }

    [Test, Description("MassTransit issue 5159: a message given back at once was received before its first delivery was forgotten, taken for a duplicate, and hidden for ever")]
    public async Task Should_deliver_a_failed_message_again_at_once_and_every_time()
    {
        const int Messages = 40;
        const int Receives = 4;
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 600; // a message that stays hidden would not come back in time
            e.PrefetchCount = 20;
            e.RedeliverVisibilityTimeout = 0;
            e.RethrowFaultedMessages();
            e.Handler<Ping>(x => x.GetReceiveCount() < Receives ? Fail(x) : Note(x));
        }));

        await Task.WhenAll(Enumerable.Range(0, Messages).Select(x => bus.Send("work", new Ping(x))));

        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 } && _receives.Count == Messages * Receives, "all succeed at the fourth delivery");
        Assert.That(_receives.GroupBy(x => x).Select(x => x.Count()), Is.All.EqualTo(Messages), "each message had each of its deliveries");
    }

    [Test, Description("MassTransit issue 6179: the copy of a message in hand was dropped, and its renewal went on until SQS refused it after twelve hours")]
    public async Task Should_extend_a_message_that_SQS_delivered_twice_once_and_end_with_its_work()
    {
        Server.Faults.DuplicateDeliveryRate = 1;
        var release = new TaskCompletionSource();
        ConsumeContext? latest = null;
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 1;
            e.PrefetchCount = 10;
            e.Handler<Ping>(async x =>
            {
                latest = x;
                _receives.Enqueue(x.GetReceiveCount());
                await release.Task;
            });
        }));
        await bus.Send("work", new Ping(1));
        await Eventually(() => !_receives.IsEmpty, "it is worked on");
        Server.Faults.DuplicateDeliveryRate = 0;
        await Eventually(() => latest!.GetReceiveCount() >= 2 && RequestsOf("ChangeMessageVisibilityBatch") >= 3, "its copy has come, and it is extended");
        Assert.That(_receives, Has.Count.EqualTo(1), "the copy was not consumed beside it");
        release.SetResult();
        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 }, "it ends");

        var renewals = RequestsOf("ChangeMessageVisibilityBatch");
        var polls = RequestsOf("ReceiveMessage");
        await Eventually(() => RequestsOf("ReceiveMessage") >= polls + 2, "two polls of a second go by");
        Assert.That(RequestsOf("ChangeMessageVisibilityBatch"), Is.EqualTo(renewals), "nothing is extended any more");
    }

    [Test]
    public async Task Should_not_copy_a_message_to_the_error_queue_that_is_delivered_again()
    {
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 1;
            e.MaxVisibilityTimeout = TimeSpan.FromSeconds(1);
            e.PrefetchCount = 1;
            e.Handler<Ping>(async x =>
            {
                _receives.Enqueue(x.GetReceiveCount());
                if (x.GetReceiveCount() > 1)
                    return;
                await Eventually(() => DepthOf("work").Visible == 1, "its visibility runs out");
                throw new InvalidOperationException("too late");
            });
        }));

        await bus.Send("work", new Ping(1));

        await Eventually(() => _receives.Count == 2 && DepthOf("work") is { Visible: 0, InFlight: 0 }, "the second delivery succeeds");
        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { "work" }));
    }

    [Test]
    public async Task Should_extend_by_the_configured_time()
    {
        var release = new TaskCompletionSource();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 1;
            e.MaxVisibilityTimeoutRenewal = 600;
            e.Handler<Ping>(async x =>
            {
                _receives.Enqueue(x.GetReceiveCount());
                await release.Task;
            });
        }));
        await bus.Send("work", new Ping(1));
        await Eventually(() => RequestsOf("ChangeMessageVisibilityBatch") == 1, "it is extended");

        var polls = RequestsOf("ReceiveMessage");
        await Eventually(() => RequestsOf("ReceiveMessage") >= polls + 3, "some seconds go by");
        Assert.That(RequestsOf("ChangeMessageVisibilityBatch"), Is.EqualTo(1), "once is enough for ten minutes");
        release.SetResult();
        await Eventually(() => DepthOf("work") is { Visible: 0, InFlight: 0 }, "it ends");
        Assert.That(_receives, Is.EqualTo(new[] { 1 }));
    }

    Task Note(ConsumeContext context)
    {
        _receives.Enqueue(context.GetReceiveCount());
        return Task.CompletedTask;
    }

    Task Fail(ConsumeContext context)
    {
        _receives.Enqueue(context.GetReceiveCount());
        throw new InvalidOperationException("not yet");
    }
}
