using System.Collections.Concurrent;
using Amazon.SQS.Model;
using MassTransit;

namespace Migration.Tests.Transport;

public class Sending_Specs : TransportFixture
{
    [Test]
    public async Task Should_deliver_a_message_once_and_delete_it()
    {
        var received = new ConcurrentBag<int>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("pings", e => e.Handler<Ping>(x =>
        {
            received.Add(x.Message.Number);
            return Task.CompletedTask;
        })));

        await bus.Send("pings", new Ping(7));

        await Eventually(() => !received.IsEmpty && DepthOf("pings") is { Visible: 0, InFlight: 0 }, "the message is consumed and deleted");
        Assert.That(received, Is.EqualTo(new[] { 7 }));
    }

    [Test]
    public async Task Should_fill_batches_of_ten()
    {
        var bus = await StartBus(_ => { });
        await bus.Send("pings", new Ping(0));
        var before = RequestsOf("SendMessageBatch");

        var endpoint = await bus.Control.GetSendEndpoint(new Uri("queue:pings"));
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(x => endpoint.Send(new Ping(x))));

        Assert.That(DepthOf("pings").Visible, Is.EqualTo(1001));
        Assert.That(RequestsOf("SendMessageBatch") - before, Is.InRange(100, 108));
    }

    [Test]
    public async Task Should_split_batches_at_the_limit_of_bytes()
    {
        var bus = await StartBus(_ => { });
        var text = new string('x', 400_000);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => bus.Send("large", new Named(text))));

        Assert.That(DepthOf("large").Visible, Is.EqualTo(6));
    }

    [Test]
    public async Task Should_repeat_the_entries_of_a_batch_that_failed()
    {
        Server.Faults.PartialBatchFailureRate = 0.3;
        var received = new ConcurrentDictionary<int, int>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("pings", e =>
        {
            e.PrefetchCount = 50;
            e.Handler<Ping>(x =>
            {
                received.AddOrUpdate(x.Message.Number, 1, (_, n) => n + 1);
                return Task.CompletedTask;
            });
        }));

        await Task.WhenAll(Enumerable.Range(0, 200).Select(x => bus.Send("pings", new Ping(x))));

        await Eventually(() => received.Count == 200 && DepthOf("pings") is { Visible: 0, InFlight: 0 }, "all arrive and are deleted");
        Assert.That(received.Values, Is.All.EqualTo(1));
    }

    [Test]
    public async Task Should_tell_only_the_sender_of_an_entry_that_SQS_refuses()
    {
        var bus = await StartBus(_ => { });
        await bus.Send("pings", new Named("first"));

        var good = Enumerable.Range(0, 5).Select(x => bus.Send("pings", new Named($"good {x}"))).ToArray();
        var bad = bus.Send("pings", new Named(new string('x', 1_100_000)));
        var more = Enumerable.Range(0, 5).Select(x => bus.Send("pings", new Named($"more {x}"))).ToArray();

        Assert.That(async () => await bad, Throws.Exception);
        await Task.WhenAll([.. good, .. more]);
        Assert.That(DepthOf("pings").Visible, Is.EqualTo(11));
    }

    [Test]
    public async Task Should_back_off_when_it_is_throttled()
    {
        var bus = await StartBus(_ => { });
        await bus.Send("pings", new Ping(0));
        Server.Faults.OnlyActions = ["SendMessageBatch"];
        Server.Faults.RequestThrottledRate = 1;

        var sends = Enumerable.Range(0, 20).Select(x => bus.Send("pings", new Ping(x))).ToArray();
        var before = RequestsOf("SendMessageBatch");
        await Eventually(() => RequestsOf("SendMessageBatch") > before + 6, "it has been refused some times");
        Server.Faults.RequestThrottledRate = 0;

        await Task.WhenAll(sends);
        Assert.That(DepthOf("pings").Visible, Is.EqualTo(21));
    }

    [Test]
    public async Task Should_repeat_the_entries_of_a_batch_that_were_throttled()
    {
        Server.Faults.ThrottledEntryRate = 0.2;
        var bus = await StartBus(_ => { });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(x => bus.Send("pings", new Ping(x))));

        Assert.That(DepthOf("pings").Visible, Is.EqualTo(50));
    }

    [Test]
    public async Task Should_end_the_wait_of_a_caller_who_gives_up_while_SQS_does_not_take_the_message()
    {
        var bus = await StartBus(_ => { });
        await bus.Send("pings", new Ping(0));
        Server.Faults.OnlyActions = ["SendMessageBatch"];
        Server.Faults.RequestThrottledRate = 1;
        using var patience = new CancellationTokenSource();
        var endpoint = await bus.Control.GetSendEndpoint(new Uri("queue:pings"));

        var before = RequestsOf("SendMessageBatch");
        var send = endpoint.Send(new Ping(1), patience.Token);
        await Eventually(() => RequestsOf("SendMessageBatch") > before, "it is under way");
        await patience.CancelAsync();

        Assert.That(async () => await send.WaitAsync(TimeSpan.FromSeconds(10)), Throws.InstanceOf<OperationCanceledException>());
        Server.Faults.RequestThrottledRate = 0;
        await Eventually(() => DepthOf("pings").Visible == 2, "it may arrive all the same");
    }

    [Test]
    public async Task Should_keep_within_ten_attributes_and_give_all_headers_back()
    {
        var headers = new TaskCompletionSource<Headers>();
        var bus = await StartBus(cfg => cfg.ReceiveEndpoint("pings", e => e.Handler<Ping>(x =>
        {
            headers.TrySetResult(x.Headers);
            return Task.CompletedTask;
        })));

        var endpoint = await bus.Control.GetSendEndpoint(new Uri("queue:pings"));
        await endpoint.Send(new Ping(1), x =>
        {
            for (var i = 0; i < 15; i++)
                x.Headers.Set($"Header-{i}", $"value {i}");
        });

        var received = await headers.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(Enumerable.Range(0, 15).Select(x => received.Get<string>($"Header-{x}")), Is.EqualTo(Enumerable.Range(0, 15).Select(x => $"value {x}")));
    }
}
