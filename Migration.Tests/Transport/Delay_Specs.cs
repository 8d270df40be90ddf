using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.Transport;

public class Delay_Specs : TransportFixture
{
    [Test]
    public async Task Should_deliver_a_delayed_message_when_it_is_due()
    {
        var received = new TaskCompletionSource<TimeSpan>();
        var watch = Stopwatch.StartNew();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("later", e => e.Handler<Ping>(_ =>
        {
            received.TrySetResult(watch.Elapsed);
            return Task.CompletedTask;
        })));

        var sent = watch.Elapsed;
        await bus.Send("later", new Ping(1), TimeSpan.FromSeconds(2));

        Assert.That((await received.Task.WaitAsync(TimeSpan.FromSeconds(10)) - sent).TotalSeconds, Is.InRange(1.9, 4));
    }

    [Test]
    public async Task Should_send_a_message_on_that_arrives_before_it_is_due()
    {
        var received = new TaskCompletionSource();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("later", e =>
        {
            e.UseRawJsonDeserializer();
            e.Handler<Ping>(_ =>
            {
                received.TrySetResult();
                return Task.CompletedTask;
            });
        }));

        await bus.Send("later", new Ping(1), TimeSpan.FromHours(1));
        await Eventually(() => DepthOf("later").Delayed == 1, "SQS holds it for its first fifteen minutes");

        // A copy that has had its first fifteen minutes, and is not due yet.
        var due = DateTimeOffset.UtcNow.AddSeconds(2.5);
        var sends = RequestsOf("SendMessageBatch");
        await Sqs.SendMessageAsync(new Amazon.SQS.Model.SendMessageRequest(await UrlOf("later"), "{\"number\":1}")
        {
            MessageAttributes = new()
            {
                ["MT-Deliver-At"] = new() { DataType = "String", StringValue = due.ToUnixTimeMilliseconds().ToString() },
                ["Content-Type"] = new() { DataType = "String", StringValue = "application/json" }
            }
        });

        await received.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(DateTimeOffset.UtcNow, Is.GreaterThan(due.AddSeconds(-1.1)));
        Assert.That(RequestsOf("SendMessageBatch"), Is.GreaterThan(sends));
        Assert.That(DepthOf("later").Delayed, Is.EqualTo(1), "the one that is due in an hour is still there");
    }

    [Test]
    public async Task Should_serve_the_delayed_message_scheduler()
    {
        var received = new TaskCompletionSource<int>();
        var bus = await StartBus(cfg =>
        {
            cfg.UseDelayedMessageScheduler();
            cfg.ReceiveEndpoint("later", e => e.Handler<Ping>(x =>
            {
                received.TrySetResult(x.Message.Number);
                return Task.CompletedTask;
            }));
        }, x => x.AddDelayedMessageScheduler());

        using var scope = bus.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<IMessageScheduler>().ScheduleSend(new Uri("queue:later"), TimeSpan.FromSeconds(1), new Ping(5));

        Assert.That(DepthOf("later").Delayed, Is.EqualTo(1));
        Assert.That(await received.Task.WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo(5));
    }
}
