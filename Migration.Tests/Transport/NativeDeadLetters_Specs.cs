using System.Collections.Concurrent;
using System.Diagnostics;
using Amazon.SQS.Model;
using MassTransit;

namespace Migration.Tests.Transport;

public class NativeDeadLetters_Specs : TransportFixture
{
    [Test]
    public async Task Should_move_a_message_to_the_dead_letter_queue_after_its_last_receive()
    {
        var receives = new ConcurrentQueue<(int Count, bool IsLast)>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseNativeDeadLetterQueue(3, [TimeSpan.Zero]);
            e.Handler<Ping>(x =>
            {
                receives.Enqueue((x.GetReceiveCount(), x.IsLastReceive()));
                throw new InvalidOperationException("always");
            });
        }));

        await bus.Send("work", new Ping(1));

        await Eventually(() => DepthOf("work-dlq").Visible == 1, "the message is in the dead-letter queue");
        Assert.That(receives, Is.EqualTo(new[] { (1, false), (2, false), (3, true) }));
        Assert.That(Broker.Depths.Select(x => x.Name), Has.None.EndsWith("_error").And.None.EndsWith("_skipped"));
    }

    [Test]
    public async Task Should_hide_a_failed_message_for_its_back_off()
    {
        var times = new ConcurrentQueue<long>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseNativeDeadLetterQueue(3, [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)]);
            e.Handler<Ping>(_ =>
            {
                times.Enqueue(Stopwatch.GetTimestamp());
                throw new InvalidOperationException("always");
            });
        }));

        await bus.Send("work", new Ping(1));

        var last = 0L;
        await Eventually(() =>
        {
            last = Stopwatch.GetTimestamp();
            return DepthOf("work-dlq").Visible == 1;
        }, "the message is in the dead-letter queue");
        var t = times.ToArray();
        Assert.That(t, Has.Length.EqualTo(3));
        Assert.That(Stopwatch.GetElapsedTime(t[0], t[1]).TotalSeconds, Is.InRange(0.9, 1.8));
        Assert.That(Stopwatch.GetElapsedTime(t[1], t[2]).TotalSeconds, Is.InRange(1.9, 2.8));
        Assert.That(Stopwatch.GetElapsedTime(t[2], last).TotalSeconds, Is.LessThan(0.9), "after the last receive it moves at once");
    }

    [Test]
    public async Task Should_let_the_consumer_choose_when_a_failed_message_comes_back()
    {
        var receives = new ConcurrentQueue<int>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseNativeDeadLetterQueue(5, [TimeSpan.FromMinutes(10)]);
            e.Handler<Ping>(x =>
            {
                receives.Enqueue(x.GetReceiveCount());
                if (x.GetReceiveCount() == 3)
                    return Task.CompletedTask;
                x.RedeliverAfter(TimeSpan.Zero);
                throw new InvalidOperationException("at once, please");
            });
        }));

        await bus.Send("work", new Ping(1));

        await Eventually(() => receives.Count == 3 && DepthOf("work") is { Visible: 0, InFlight: 0 }, "the third delivery succeeds");
    }

    [Test]
    public async Task Should_hide_a_failed_message_for_the_back_off_of_its_type()
    {
        var receives = new ConcurrentQueue<(string Type, int Count)>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseNativeDeadLetterQueue(5, [TimeSpan.FromMinutes(10)]);
            e.BackOffFor<Ping>(TimeSpan.Zero, TimeSpan.FromMinutes(10));
            e.BackOffFor<INamed>(TimeSpan.Zero);
            e.BackOffFor<Answer>(TimeSpan.FromMinutes(10));
            e.Handler<Ping>(x =>
            {
                receives.Enqueue(("Ping", x.GetReceiveCount()));
                Assert.That(x.TryReturnToQueue());
                return Task.CompletedTask;
            });
            e.Handler<Named>(x => Fail(x, isDone: x.GetReceiveCount() == 3));
            e.Handler<Question>(x => Fail(x, isDone: false));
        }));

        await Task.WhenAll(bus.Send("work", new Ping(1)), bus.Send("work", new Named("x")), bus.Send("work", new Question(1)));

        await Eventually(() => receives.Count == 6 && DepthOf("work") is { Visible: 0, InFlight: 2 }, "each has the deliveries that its table gives at once");
        Assert.That(receives.Order(), Is.EqualTo(new[] { ("Named", 1), ("Named", 2), ("Named", 3), ("Ping", 1), ("Ping", 2), ("Question", 1) }));

        Task Fail<T>(ConsumeContext<T> context, bool isDone)
            where T : class
        {
            receives.Enqueue((typeof(T).Name, context.GetReceiveCount()));
            return isDone ? Task.CompletedTask : throw new InvalidOperationException("not yet");
        }
    }

    [Test]
    public void Should_refuse_a_back_off_of_a_type_without_dead_letters() =>
        Assert.That(async () => await StartBus(cfg => cfg.ReceiveEndpoint("work", e => e.BackOffFor<Ping>(TimeSpan.Zero))),
            Throws.InstanceOf<ConfigurationException>().With.Message.Contains("BackOffFor"));

    [Test]
    public async Task Should_take_its_redrive_policy_away_when_it_is_not_used_any_more()
    {
        await (await StartBus(cfg => cfg.ReceiveEndpoint("work", e => e.UseNativeDeadLetterQueue(4)))).Stop();
        await (await StartBus(cfg => cfg.ReceiveEndpoint("other", e => e.UseNativeDeadLetterQueue(4, deadLetterQueueName: "of-somebody-else")))).Stop();

        await StartBus(cfg =>
        {
            cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ => Task.CompletedTask));
            cfg.ReceiveEndpoint("other", e => e.Handler<Ping>(_ => Task.CompletedTask));
        });

        Assert.That((await Sqs.GetQueueAttributesAsync(await UrlOf("work"), ["All"])).Attributes, Does.Not.ContainKey("RedrivePolicy"));
        Assert.That((await Sqs.GetQueueAttributesAsync(await UrlOf("other"), ["All"])).Attributes, Does.ContainKey("RedrivePolicy"), "it is not known to be its own");
    }

    [Test]
    public async Task Should_leave_a_message_that_nobody_consumes_to_the_dead_letter_queue()
    {
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.UseNativeDeadLetterQueue(2, [TimeSpan.Zero]);
            e.Handler<Ping>(_ => Task.CompletedTask);
        }));

        await bus.Send("work", new Named("unknown here"));

        await Eventually(() => DepthOf("work-dlq").Visible == 1, "the message is in the dead-letter queue");
    }

    [Test]
    public async Task Should_change_an_existing_queue_whose_attributes_differ()
    {
        var url = (await Sqs.CreateQueueAsync(new CreateQueueRequest("work") { Attributes = new() { ["VisibilityTimeout"] = "30", ["DelaySeconds"] = "1" } })).QueueUrl;

        await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 45;
            e.UseNativeDeadLetterQueue(4);
            e.Handler<Ping>(_ => Task.CompletedTask);
        }));

        var attributes = (await Sqs.GetQueueAttributesAsync(url, ["All"])).Attributes;
        Assert.That(attributes["VisibilityTimeout"], Is.EqualTo("45"));
        Assert.That(attributes["DelaySeconds"], Is.EqualTo("1"), "what is not configured stays");
        Assert.That(attributes["RedrivePolicy"], Does.Contain("work-dlq").And.Contain("4"));
    }

    [Test]
    public async Task Should_leave_an_existing_queue_alone_that_is_as_configured()
    {
        Action<IAmazonSqsBusFactoryConfigurator> configure = cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 45;
            e.QueueTags["team"] = "sync";
            e.UseNativeDeadLetterQueue(4);
            e.Handler<Ping>(_ => Task.CompletedTask);
        });
        await (await StartBus(configure)).Stop();

        await StartBus(configure);

        Assert.That(RequestsOf("SetQueueAttributes"), Is.Zero);
        Assert.That(RequestsOf("CreateQueue"), Is.EqualTo(2), "queue and dead-letter queue, once");
        Assert.That((await Sqs.ListQueueTagsAsync(new ListQueueTagsRequest { QueueUrl = await UrlOf("work") })).Tags["team"], Is.EqualTo("sync"));
    }
}
