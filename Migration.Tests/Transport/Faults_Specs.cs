using System.Collections.Concurrent;
using MassTransit;

namespace Migration.Tests.Transport;

/// <summary>An endpoint that refuses, delays, doubles and half fails: everything arrives all the same.</summary>
public class Faults_Specs : FastTransportFixture
{
    const int Messages = 100;

    readonly ConcurrentDictionary<int, int> _consumed = new();

    [SetUp]
    public void Clear() => _consumed.Clear();

    [TestCase("DeleteMessageBatch")]
    [TestCase("SendMessageBatch")]
    [TestCase("ReceiveMessage")]
    public async Task Should_back_off_and_go_on_when_it_is_throttled(string action)
    {
        var bus = await StartBus(Configure);
        Server.Faults.OnlyActions = [action];
        Server.Faults.OverLimitRate = 0.2;
        Server.Faults.RequestThrottledRate = 0.2;

        await SendAll(bus);

        await Eventually(AllAreConsumedAndDeleted, "all are consumed and deleted", seconds: 40);
        Assert.That(_consumed.Values, Is.All.EqualTo(1), "nothing twice");
    }

    [Test]
    public async Task Should_repeat_the_deletes_that_failed()
    {
        var bus = await StartBus(Configure);
        Server.Faults.OnlyActions = ["DeleteMessageBatch"];
        Server.Faults.PartialBatchFailureRate = 0.2;

        await SendAll(bus);

        await Eventually(AllAreConsumedAndDeleted, "all are consumed and deleted", seconds: 40);
        Assert.That(_consumed.Values, Is.All.EqualTo(1), "nothing twice");
    }

    [Test]
    public async Task Should_repeat_the_changes_of_visibility_that_failed()
    {
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.QueueAttributes["VisibilityTimeout"] = 30_000; // what is not given back would not come again
            e.PrefetchCount = 50;
            e.UseNativeDeadLetterQueue(5, [TimeSpan.Zero]);
            e.Handler<Ping>(x =>
            {
                if (x.GetReceiveCount() == 1)
                    throw new InvalidOperationException("not yet");
                return Note(x.Message);
            });
        }));
        Server.Faults.OnlyActions = ["ChangeMessageVisibilityBatch"];
        Server.Faults.PartialBatchFailureRate = 0.2;
        Server.Faults.RequestThrottledRate = 0.2;

        await SendAll(bus);

        await Eventually(AllAreConsumedAndDeleted, "all are consumed at their second delivery", seconds: 40);
    }

    [Test]
    public async Task Should_tell_the_sender_when_an_entry_is_refused_for_good()
    {
        var bus = await StartBus(_ => { });
        await bus.Send("work", new Ping(0));
        Server.Faults.OnlyActions = ["SendMessageBatch"];
        Server.Faults.PartialBatchFailureRate = 1;

        Assert.That(async () => await bus.Send("work", new Ping(1)), Throws.InstanceOf<MassTransit.AmazonSqsTransport.SqsEntryException>().With.Message.Contains("work"));
        Assert.That(DepthOf("work").Visible, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_consume_everything_when_SQS_delivers_twice()
    {
        Server.Faults.DuplicateDeliveryRate = 0.5;
        var running = new ConcurrentDictionary<int, bool>();
        var overlaps = 0;
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            // Work in hand goes on under the copy's receipt and deletes the copy: the first one comes again when its visibility ends.
            e.QueueAttributes["VisibilityTimeout"] = 60;
            e.PrefetchCount = 50;
            e.Handler<Ping>(async x =>
            {
                if (!running.TryAdd(x.Message.Number, true))
                    Interlocked.Increment(ref overlaps);
                await Task.Delay(5); // the work
                await Note(x.Message);
                running.TryRemove(x.Message.Number, out _);
            });
        }));

        await SendAll(bus);

        await Eventually(() => _consumed.Count == Messages, "all are consumed", seconds: 40);
        Server.Faults.DuplicateDeliveryRate = 0;
        await Eventually(AllAreConsumedAndDeleted, "the copies end too", seconds: 40);
        Assert.That(overlaps, Is.Zero, "no message was consumed twice at once");
    }

    [Test]
    public async Task Should_work_over_a_slow_connection()
    {
        var bus = await StartBus(Configure);
        Server.Faults.Latency = TimeSpan.FromMilliseconds(100);

        await SendAll(bus);

        await Eventually(AllAreConsumedAndDeleted, "all are consumed and deleted", seconds: 40);
        Assert.That(_consumed.Values, Is.All.EqualTo(1));
        Assert.That(bus.Health, Is.EqualTo(BusHealthStatus.Healthy));
    }

    [Test]
    public async Task Should_say_that_credentials_are_wrong_and_work_when_they_are_mended()
    {
        Server.Faults.RefuseCredentials = true;
        var bus = CreateBus((_, cfg) => Configure(cfg));
        var start = bus.Control.StartAsync();
        await Eventually(() => bus.HealthOf("work") == BusHealthStatus.Unhealthy && Log.Warnings.Any(x => x.Contains("security token")), "health and log tell");

        Server.Faults.RefuseCredentials = false;

        await start;
        await Eventually(() => bus.Health == BusHealthStatus.Healthy, "it is healthy without a restart", seconds: 40);
        await SendAll(bus);
        await Eventually(AllAreConsumedAndDeleted, "it works");
    }

    [Test]
    public async Task Should_say_that_credentials_have_become_wrong()
    {
        var bus = await StartBus(Configure);

        Server.Faults.RefuseCredentials = true;
        await Eventually(() => bus.HealthOf("work") == BusHealthStatus.Unhealthy && Log.Warnings.Any(x => x.Contains("security token")), "health and log tell");
        Assert.That(async () => await bus.Send("work", new Ping(0)), Throws.InstanceOf<Amazon.SQS.AmazonSQSException>());
        Server.Faults.RefuseCredentials = false;

        await Eventually(() => bus.Health == BusHealthStatus.Healthy, "it is healthy without a restart");
    }

    void Configure(IAmazonSqsBusFactoryConfigurator cfg) => cfg.ReceiveEndpoint("work", e =>
    {
        e.QueueAttributes["VisibilityTimeout"] = 30_000;
        e.PrefetchCount = 50;
        e.Handler<Ping>(x => Note(x.Message));
    });

    Task Note(Ping message)
    {
        _consumed.AddOrUpdate(message.Number, 1, (_, times) => times + 1);
        return Task.CompletedTask;
    }

    bool AllAreConsumedAndDeleted() => _consumed.Count == Messages && DepthOf("work") is { Visible: 0, InFlight: 0, Delayed: 0 };

    static Task SendAll(TestBus bus) => Task.WhenAll(Enumerable.Range(0, Messages).Select(x => bus.Send("work", new Ping(x))));
}
