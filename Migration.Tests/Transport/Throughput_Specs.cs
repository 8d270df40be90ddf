using System.Diagnostics;
using MassTransit;

namespace Migration.Tests.Transport;

/// <summary>Numbers for the report; the floor is far below what an idle machine does, so that a busy one does not fail.</summary>
[Explicit("Measures; run it alone"), Category("Measurement")]
public class Throughput_Specs : TransportFixture
{
    [Test]
    public async Task Should_send_and_consume_thousands_of_messages_a_second()
    {
        var done = 0;
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e =>
        {
            e.PrefetchCount = 200;
            e.ConcurrentMessageLimit = 64;
            e.Handler<Ping>(_ =>
            {
                Interlocked.Increment(ref done);
                return Task.CompletedTask;
            });
        }));
        await Run(10_000);

        for (var round = 0; round < 3; round++)
        {
            var requests = Broker.Requests;
            var watch = Stopwatch.StartNew();
            await Run(20_000);
            var rate = 20_000 / watch.Elapsed.TotalSeconds;
            var after = Broker.Requests;
            var perAction = string.Join(", ", after.ByAction.Select(x => $"{x.Key} {(x.Value - requests.ByAction.GetValueOrDefault(x.Key)) / 20.0}"));
            TestContext.Out.WriteLine($"{rate:N0} messages/s, {(after.Total - requests.Total) / 20.0} requests per 1,000 ({perAction})");
            Assert.That(rate, Is.GreaterThan(200));
        }

        async Task Run(int messages)
        {
            var target = done + messages;
            await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 200 }, async (_, _) =>
            {
                for (var i = 0; i < messages / 200; i++)
                    await bus.Send("work", new Ping(i));
            });
            await Eventually(() => done == target && DepthOf("work") is { Visible: 0, InFlight: 0 }, "all are consumed and deleted", seconds: 120);
        }
    }

    [Test]
    public async Task Should_use_few_requests_when_messages_are_sent_by_consumers_at_a_steady_rate()
    {
        var done = 0;
        var bus = await StartBus(cfg =>
        {
            cfg.ReceiveEndpoint("first", e =>
            {
                e.PrefetchCount = 100;
                e.ConcurrentMessageLimit = 64;
                e.Handler<Ping>(async x =>
                {
                    await Task.Delay(25); // an upstream call
                    var endpoint = await x.GetSendEndpoint(new Uri("queue:second"));
                    await endpoint.Send(new Ping(x.Message.Number));
                });
            });
            cfg.ReceiveEndpoint("second", e =>
            {
                e.PrefetchCount = 100;
                e.ConcurrentMessageLimit = 64;
                e.Handler<Ping>(async _ =>
                {
                    await Task.Delay(25); // an upstream call
                    Interlocked.Increment(ref done);
                });
            });
        });
        var before = Broker.Requests;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(x => bus.Send("first", new Ping(x))));
        await Eventually(() => done == 10_000 && DepthOf("second") is { Visible: 0, InFlight: 0 }, "all are consumed", seconds: 60);

        var after = Broker.Requests;
        var perAction = string.Join(", ", after.ByAction.Select(x => $"{x.Key} {(x.Value - before.ByAction.GetValueOrDefault(x.Key)) / 20.0}"));
        TestContext.Out.WriteLine($"{10_000 / watch.Elapsed.TotalSeconds:N0} records/s, {(after.Total - before.Total) / 20.0} requests per 1,000 messages ({perAction})");
        Assert.That((after.Total - before.Total) / 20.0, Is.LessThanOrEqualTo(350));
    }

    [Test]
    public async Task Should_deliver_a_lone_message_quickly()
    {
        TaskCompletionSource received = new();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ =>
        {
            received.TrySetResult();
            return Task.CompletedTask;
        })));
        List<double> milliseconds = [];
        for (var i = 0; i < 300; i++)
        {
            received = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var watch = Stopwatch.StartNew();
            await bus.Send("work", new Ping(i));
            await received.Task;
            milliseconds.Add(watch.Elapsed.TotalMilliseconds);
        }
        var sorted = milliseconds.Skip(100).Order().ToArray();
        TestContext.Out.WriteLine($"send to consume: p50 {sorted[100]:N1} ms, p95 {sorted[190]:N1} ms");
        Assert.That(sorted[190], Is.LessThan(250));
    }
}
