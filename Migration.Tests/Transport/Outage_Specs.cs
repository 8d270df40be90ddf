using System.Collections.Concurrent;
using MassTransit;

namespace Migration.Tests.Transport;

public class Outage_Specs : TransportFixture
{
    readonly ConcurrentBag<int> _consumed = [];

    [SetUp]
    public void Clear() => _consumed.Clear();

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_recover_without_a_restart_when_SQS_comes_back(bool withItsMessages)
    {
        var bus = await StartBus(Configure);
        await bus.Send("work", new Ping(1));
        await Eventually(() => _consumed.Count == 1, "it works");

        var bringUp = await TakeServerDown();
        await Eventually(() => bus.HealthOf("work") == BusHealthStatus.Unhealthy, "the endpoint reports the outage");
        Assert.That(async () => await bus.Send("work", new Ping(2)), Throws.Exception);

        await bringUp(withItsMessages);
        await Eventually(() => bus.Health == BusHealthStatus.Healthy, "the bus is healthy again");
        await bus.Send("work", new Ping(3));
        await Eventually(() => _consumed.Contains(3), "it works again");
    }

    [Test]
    public async Task Should_report_an_outage_that_SQS_answers_with_503_and_recover()
    {
        var bus = await StartBus(Configure);

        Server.Faults.RefuseAll = true;
        await Eventually(() => bus.HealthOf("work") == BusHealthStatus.Unhealthy, "the endpoint reports the outage");
        Assert.That(bus.Health, Is.EqualTo(BusHealthStatus.Degraded), "its own queue for responses, which nobody has used yet, counts among its endpoints");
        var send = bus.Send("work", new Ping(1));
        Server.Faults.RefuseAll = false;

        await send;
        await Eventually(() => _consumed.Count == 1 && bus.Health == BusHealthStatus.Healthy, "it works again");
    }

    [Test]
    public async Task Should_start_when_SQS_is_down_and_work_when_it_comes()
    {
        var bringUp = await TakeServerDown();
        var bus = CreateBus((_, cfg) => Configure(cfg));
        var start = bus.Control.StartAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        await Eventually(() => bus.HealthOf("work") == BusHealthStatus.Unhealthy, "the endpoint reports the outage");

        await bringUp(false);
        await start;
        await bus.Send("work", new Ping(1));

        await Eventually(() => _consumed.Count == 1, "it works");
    }

    [Test]
    public async Task Should_create_a_queue_again_that_is_deleted_at_run_time()
    {
        var bus = await StartBus(Configure);
        await bus.Send("work", new Ping(1));
        await Eventually(() => _consumed.Count == 1, "it works");

        await Sqs.DeleteQueueAsync(await UrlOf("work"));

        await Eventually(() => DepthOf("work").Visible == 0, "the queue is there again");
        await bus.Send("work", new Ping(2));
        await Eventually(() => _consumed.Contains(2), "it works again");
        Assert.That((await Sqs.GetQueueAttributesAsync(await UrlOf("work"), ["All"])).Attributes["RedrivePolicy"], Does.Contain("work-dlq"));
    }

    [Test]
    public async Task Should_create_a_queue_again_that_only_senders_use()
    {
        var bus = await StartBus(_ => { });
        await bus.Send("elsewhere", new Ping(1));

        await Sqs.DeleteQueueAsync(await UrlOf("elsewhere"));
        await bus.Send("elsewhere", new Ping(2));

        Assert.That(DepthOf("elsewhere").Visible, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_survive_a_purge()
    {
        Broker.PurgeInterval = TimeSpan.Zero;
        var bus = await StartBus(Configure);
        await Sqs.PurgeQueueAsync(await UrlOf("work"));

        await bus.Send("work", new Ping(1));

        await Eventually(() => _consumed.Count == 1, "it works");
    }

    [Test]
    public async Task Should_survive_errors_of_SQS()
    {
        var bus = await StartBus(Configure);
        Server.Faults.InternalErrorRate = 0.2;
        Server.Faults.PartialBatchFailureRate = 0.2;

        await Task.WhenAll(Enumerable.Range(0, 100).Select(x => SendUntilAccepted(bus, x)));

        Server.Faults.InternalErrorRate = 0;
        await Eventually(() => _consumed.Distinct().Count() == 100, "all arrive", seconds: 40);
    }

    static async Task SendUntilAccepted(TestBus bus, int number)
    {
        while (true)
        {
            try
            {
                await bus.Send("work", new Ping(number));
                return;
            }
            catch (Amazon.SQS.AmazonSQSException)
            {
                // an internal error after the client's own retries: the caller's business
            }
        }
    }

    void Configure(IAmazonSqsBusFactoryConfigurator cfg) => cfg.ReceiveEndpoint("work", e =>
    {
        e.QueueAttributes["VisibilityTimeout"] = 5;
        e.UseNativeDeadLetterQueue(50);
        e.Handler<Ping>(x =>
        {
            _consumed.Add(x.Message.Number);
            return Task.CompletedTask;
        });
    });
}
