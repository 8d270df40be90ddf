using System.Collections.Concurrent;
using Amazon.SQS.Model;
using MassTransit;

namespace Migration.Tests.Transport;

public class Receiving_Specs : TransportFixture
{
    [Test]
    public async Task Should_keep_a_message_hidden_while_it_is_worked_on()
    {
        var begun = new ConcurrentQueue<Guid?>();
        var done = new ConcurrentQueue<Guid?>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("slow", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 2;
            e.Handler<Ping>(async x =>
            {
                begun.Enqueue(x.MessageId);
                await Task.Delay(TimeSpan.FromSeconds(5)); // the work itself takes longer than the visibility time-out
                done.Enqueue(x.MessageId);
            });
        }));

        await bus.Send("slow", new Ping(1));

        await Eventually(() => !done.IsEmpty && DepthOf("slow") is { Visible: 0, InFlight: 0 }, "the message is done and deleted");
        Assert.That(begun, Has.Count.EqualTo(1), "delivered once");
        Assert.That(Log.Warnings, Is.Empty);
    }

    [Test]
    public async Task Should_stop_extending_at_the_longest_visibility_and_not_report_the_message_as_consumed()
    {
        var receives = new ConcurrentQueue<int>();
        var release = new TaskCompletionSource();
        var observer = new CountingObserver();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("slow", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 1;
            e.MaxVisibilityTimeout = TimeSpan.FromSeconds(2);
            e.PrefetchCount = 1;
            e.Handler<Ping>(async x =>
            {
                receives.Enqueue(x.GetReceiveCount());
                if (x.GetReceiveCount() == 1)
                    await release.Task;
            });
        }));
        bus.Control.ConnectReceiveObserver(observer);

        await bus.Send("slow", new Ping(1));
        await Eventually(() => DepthOf("slow").Visible == 1, "the message is visible to others again");
        release.SetResult();

        await Eventually(() => observer.Faults == 1, "the expired delivery is reported as a fault");
        await Eventually(() => DepthOf("slow") is { Visible: 0, InFlight: 0 }, "the message ends");
    }

    [Test]
    public async Task Should_not_exceed_the_concurrency_limit()
    {
        int running = 0, most = 0, done = 0;
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = 20;
            e.ConcurrentMessageLimit = 3;
            e.Handler<Ping>(async _ =>
            {
                var now = Interlocked.Increment(ref running);
                most = Math.Max(most, now);
                await Task.Delay(5); // the work
                Interlocked.Decrement(ref running);
                Interlocked.Increment(ref done);
            });
        }));

        await Task.WhenAll(Enumerable.Range(0, 60).Select(x => bus.Send("work", new Ping(x))));

        await Eventually(() => done == 60, "all are consumed");
        Assert.That(most, Is.LessThanOrEqualTo(3));
    }

    [Test]
    public async Task Should_copy_a_failed_message_to_the_error_queue_by_default()
    {
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ => throw new InvalidOperationException("broken"))));

        await bus.Send("work", new Ping(1));

        await Eventually(() => DepthOf("work_error").Visible == 1 && DepthOf("work") is { Visible: 0, InFlight: 0 }, "the message is in the error queue");
        var copy = (await Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(await UrlOf("work_error")) { MessageAttributeNames = ["All"] })).Messages[0];
        Assert.That(copy.MessageAttributes["MT-Headers"].StringValue, Does.Contain("broken"));
    }

    [Test]
    public async Task Should_copy_a_message_that_nobody_consumes_to_the_skipped_queue_by_default()
    {
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ => Task.CompletedTask)));

        await bus.Send("work", new Named("unknown here"));

        await Eventually(() => DepthOf("work_skipped").Visible == 1, "the message is in the skipped queue");
    }

    [Test]
    public async Task Should_unwrap_an_event_that_SNS_put_on_the_queue()
    {
        var received = new TaskCompletionSource<(string Name, Guid? Id, string? Type)>();
        await StartBus(cfg => cfg.ReceiveEndpoint("events", e =>
        {
            e.UseRawJsonDeserializer(isDefault: true);
            e.Handler<Named>(x =>
            {
                received.TrySetResult((x.Message.Name, x.MessageId, x.ReceiveContext.TransportHeaders.Get<string>("eventType")));
                return Task.CompletedTask;
            });
        }));

        var id = Guid.NewGuid();
        await Sqs.SendMessageAsync(await UrlOf("events"), $$"""
            { "Type": "Notification", "MessageId": "{{id}}", "TopicArn": "arn:aws:sns:eu-west-2:000000000000:events",
              "Message": "{\"name\":\"VISIT\"}", "MessageAttributes": { "eventType": { "Type": "String", "Value": "VISIT_CHANGED" } } }
            """);

        Assert.That(await received.Task.WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo(("VISIT", (Guid?)id, "VISIT_CHANGED")));
    }

    [Test]
    public async Task Should_use_few_requests_under_load()
    {
        var done = 0;
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = 100;
            e.ConcurrentMessageLimit = 64;
            e.Handler<Ping>(_ =>
            {
                Interlocked.Increment(ref done);
                return Task.CompletedTask;
            });
        }));
        var before = Broker.Requests.Total;

        await Task.WhenAll(Enumerable.Range(0, 5000).Select(x => bus.Send("work", new Ping(x))));
        await Eventually(() => done == 5000 && DepthOf("work") is { Visible: 0, InFlight: 0 }, "all are consumed and deleted");

        var perThousand = (Broker.Requests.Total - before) / 5.0;
        TestContext.Out.WriteLine($"{perThousand} requests per 1,000 messages");
        Assert.That(perThousand, Is.LessThanOrEqualTo(350));
    }

    [Test]
    public async Task Should_use_few_requests_when_consumers_send_at_a_steady_rate()
    {
        const int Records = 2000;
        var done = 0;
        var bus = await StartBus(cfg =>
        {
            cfg.ReceiveEndpoint("first", e => Configure(e, async x => await (await x.GetSendEndpoint(new Uri("queue:second"))).Send(new Ping(x.Message.Number))));
            cfg.ReceiveEndpoint("second", e => Configure(e, _ =>
            {
                Interlocked.Increment(ref done);
                return Task.CompletedTask;
            }));
        });
        var before = Broker.Requests.Total;

        await Task.WhenAll(Enumerable.Range(0, Records).Select(x => bus.Send("first", new Ping(x))));
        await Eventually(() => done == Records && DepthOf("second") is { Visible: 0, InFlight: 0 }, "all are consumed", seconds: 60);

        var perThousand = (Broker.Requests.Total - before) * 1000.0 / (2 * Records);
        TestContext.Out.WriteLine($"{perThousand} requests per 1,000 messages");
        Assert.That(perThousand, Is.LessThanOrEqualTo(400), "about 340, and a few polls that wait");

        static void Configure(IAmazonSqsReceiveEndpointConfigurator endpoint, MessageHandler<Ping> then)
        {
            endpoint.PrefetchCount = 100;
            endpoint.ConcurrentMessageLimit = 64;
            endpoint.Handler<Ping>(async x =>
            {
                await Task.Delay(25); // the work: a call that takes its time
                await then(x);
            });
        }
    }

    sealed class CountingObserver : IReceiveObserver
    {
        int _faults;

        public int Faults => _faults;

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
            where T : class => Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception)
        {
            Interlocked.Increment(ref _faults);
            return Task.CompletedTask;
        }
    }
}
