using Amazon.SQS.Model;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.Transport;

public class TemporaryQueues_Specs : FastTransportFixture
{
    const string LeaseTag = "masstransit-lease";

    [Test]
    public async Task Should_delete_the_temporary_queues_that_a_crash_has_left_behind()
    {
        await CreateQueue("temporary_bus_crashed", Clock.GetUtcNow().AddMinutes(-1));
        await CreateQueue("temporary_bus_alive", Clock.GetUtcNow().AddMinutes(50));
        await Sqs.CreateQueueAsync(new CreateQueueRequest("temporary_and_somebody_elses"));
        await CreateQueue("blue_temporary_bus_crashed", Clock.GetUtcNow().AddMinutes(-1));

        await StartBus(cfg => cfg.ReceiveEndpoint(e => e.Handler<Ping>(_ => Task.CompletedTask)));

        await Eventually(() => Broker.Depths.All(x => x.Name != "temporary_bus_crashed"), "the abandoned queue is deleted");
        Assert.That(Broker.Depths.Select(x => x.Name), Is.SupersetOf(new[] { "temporary_bus_alive", "temporary_and_somebody_elses", "blue_temporary_bus_crashed" }));
    }

    [Test]
    public async Task Should_renew_the_lease_of_its_own_queue()
    {
        var bus = await StartBus(_ => { }, x => x.AddRequestClient<Question>(new Uri("queue:questions")));
        using var scope = bus.Services.CreateScope();
        _ = scope.ServiceProvider.GetRequiredService<IRequestClient<Question>>().GetResponse<Answer>(new Question(1)); // nobody answers, but the bus queue is there
        var name = "";
        await Eventually(() => (name = Broker.Depths.SingleOrDefault(x => x.Name.StartsWith("temporary_bus_", StringComparison.Ordinal))?.Name ?? "").Length > 0, "the bus queue is there");
        var lease = await LeaseOf(name);
        Assert.That(lease, Is.GreaterThan(Clock.GetUtcNow().AddMinutes(30)));

        await EventuallyInMinutes(() => RequestsOf("TagQueue") > 0, "the lease is renewed");

        Assert.That(await LeaseOf(name), Is.GreaterThan(lease));
    }

    [Test]
    public async Task Should_warn_when_the_lease_cannot_be_renewed()
    {
        await StartBus(cfg => cfg.ReceiveEndpoint(e => e.Handler<Ping>(_ => Task.CompletedTask)));
        Server.Faults.OnlyActions = ["TagQueue"];
        Server.Faults.InternalErrorRate = 1;

        await EventuallyInMinutes(() => Log.Warnings.Any(x => x.Contains("The lease of the temporary queue")), "it is told");
    }

    [Test]
    public async Task Should_still_reach_a_queue_that_was_forgotten_among_many()
    {
        var bus = await StartBus(_ => { });
        for (var i = 0; i < 70; i++)
            await bus.Send($"one-of-many-{i}", new Ping(i));
        Clock.Advance(TimeSpan.FromMinutes(2));
        var lookups = RequestsOf("GetQueueUrl");

        await bus.Send("one-more", new Ping(0));
        await bus.Send("one-of-many-0", new Ping(1));

        Assert.That(DepthOf("one-of-many-0").Visible, Is.EqualTo(2));
        Assert.That(RequestsOf("GetQueueUrl"), Is.EqualTo(lookups + 2), "both were looked up, so the old one had been forgotten");
    }

    [Test]
    public async Task Should_leave_no_error_queue_behind()
    {
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint(e => e.Handler<Ping>(_ => throw new InvalidOperationException("always"))));
        var queue = Broker.Depths.Single().Name;

        await bus.Control.Publish(new Ping(1));
        await bus.Send(queue, new Named("nobody consumes it"));

        await Eventually(() => Log.Warnings.Any(x => x.Contains("is discarded")) && DepthOf(queue) is { Visible: 0, InFlight: 0 }, "both have ended");
        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { queue }));
    }

    [Test]
    public void Should_refuse_a_dead_letter_queue_for_a_temporary_one() =>
        Assert.That(async () => await StartBus(cfg => cfg.ReceiveEndpoint(e => e.UseNativeDeadLetterQueue(3))), Throws.InstanceOf<ConfigurationException>());

    [Test]
    public async Task Should_work_where_queues_may_not_be_listed()
    {
        Server.Faults.OnlyActions = ["ListQueues"];
        Server.Faults.InternalErrorRate = 1;
        var received = new TaskCompletionSource();

        var bus = await StartBus(cfg => cfg.ReceiveEndpoint(e => e.Handler<Ping>(_ =>
        {
            received.TrySetResult();
            return Task.CompletedTask;
        })));
        await bus.Control.Publish(new Ping(1));

        await received.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    async Task CreateQueue(string name, DateTimeOffset lease) => await Sqs.CreateQueueAsync(new CreateQueueRequest(name)
    {
        Tags = new() { [LeaseTag] = lease.ToUnixTimeSeconds().ToString() }
    });

    async Task<DateTimeOffset> LeaseOf(string name) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse((await Sqs.ListQueueTagsAsync(new ListQueueTagsRequest { QueueUrl = await UrlOf(name) })).Tags[LeaseTag]));
}
