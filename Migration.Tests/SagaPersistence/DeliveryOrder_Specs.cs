using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Migration.Tests.SagaPersistence;

/// <summary>The order in which a saga's, or a scope's, messages leave the outbox, and what keeps others from waiting for it.</summary>
public class DeliveryOrder_Specs : PersistenceFixture
{
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Never = TimeSpan.FromHours(1);

    readonly ConcurrentQueue<string> _sent = new();

    [SetUp]
    public void Forget() => _sent.Clear();

    [Test]
    public async Task Should_keep_the_order_of_a_saga_with_two_hosts_at_work()
    {
        var (slow, quick) = (Guid.NewGuid(), Guid.NewGuid());
        var (blocked, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = await StartCounterAsync();
        var second = await StartCounterAsync();

        for (var i = 0; i < 3; i++)
            await BusOf(first).Publish(new Count(slow));
        await Infrastructure.Eventually.Ends(blocked.Task);
        await Eventually(async () => await FindCounterAsync(slow) is { Total: 3 }, "it has sent three");
        await BusOf(second).Publish(new Count(quick));
        await Eventually(() => _sent.Contains($"{quick} 1"), "another saga's message has gone meanwhile");
        Assert.That(_sent, Is.EqualTo(new[] { $"{quick} 1" }), "the slow one's later messages have not");
        released.SetResult();

        await Eventually(() => _sent.Count == 4, "all have gone");
        Assert.That(_sent, Is.EqualTo(new[] { $"{quick} 1", $"{slow} 1", $"{slow} 2", $"{slow} 3" }));

        Task<IHost> StartCounterAsync() => StartAsync(
            x => x.AddSagaStateMachine<CounterStateMachine, Counter>().EntityFrameworkRepository(r => r.ExistingDbContext<CounterDbContext>()),
            outbox: o =>
            {
                o.QueryDelay = Soon;
                o.UseBusOutbox(b => b.MessageDeliveryTimeout = Never);
            },
            services: s => s.AddSendObserver(_ => new BeforeSending(async (body, _) =>
            {
                using var envelope = JsonDocument.Parse(body);
                var message = envelope.RootElement.GetProperty("message");
                var text = $"{message.GetProperty("counterId").GetGuid()} {message.GetProperty("total").GetInt32()}";
                if (text == $"{slow} 1")
                {
                    blocked.TrySetResult();
                    await released.Task;
                }
                _sent.Enqueue(text);
            })));
    }

    [Test]
    public async Task Should_hold_back_a_scope_for_the_message_that_failed_until_that_has_lost_its_place()
    {
        var attempts = 0;
        await WriteAsync("refused", "behind it");
        await WriteAsync("another scope");

        await StartSenderAsync(text =>
        {
            if (text == "refused" && Interlocked.Increment(ref attempts) > 0)
                throw new InvalidOperationException("never");
            if (text == "behind it")
                Assert.That(Volatile.Read(ref attempts), Is.GreaterThanOrEqualTo(5));
        });

        await Eventually(async () => await BacklogAsync() is { Messages: 1, Failing: 1 }, "only the refused one is left");
        Assert.That(_sent, Is.EqualTo(new[] { "another scope", "behind it" }));
        var then = Volatile.Read(ref attempts);
        await Eventually(() => Volatile.Read(ref attempts) > then + 2, "it is tried again for ever");
    }

    [Test]
    public async Task Should_keep_the_order_of_every_scope_however_long_nothing_can_be_sent()
    {
        var (attempts, isAway) = (0, true);
        await WriteAsync("a1", "a2");
        await WriteAsync("b1", "b2");

        await StartSenderAsync(_ =>
        {
            Interlocked.Increment(ref attempts);
            if (Volatile.Read(ref isAway))
                throw new HttpRequestException("away");
        });
        await Eventually(() => Volatile.Read(ref attempts) >= 20, "each first message was tried ten times");
        Assert.That(await ScalarAsync<int>("select max(attempts) from migration.outbox_message"), Is.LessThan(2), "they have not lost their places");
        Assert.That(await BacklogAsync(), Has.Property("Messages").EqualTo(4).And.Property("Failing").EqualTo(2), "what is behind them waits");
        Volatile.Write(ref isAway, false);

        await Eventually(async () => (await BacklogAsync()).Messages == 0, "all has gone");
        Assert.That(_sent.Where(x => x[0] == 'a'), Is.EqualTo(new[] { "a1", "a2" }));
        Assert.That(_sent.Where(x => x[0] == 'b'), Is.EqualTo(new[] { "b1", "b2" }));
    }

    [Test]
    public async Task Should_send_what_is_new_before_any_number_of_messages_that_are_refused_each_time()
    {
        await WriteAsync([.. Enumerable.Range(0, 100).Select(i => $"refused {i}")]);
        await ExecuteAsync("update migration.outbox_message set attempts = 9, last_error = 'refused', scope_id = gen_random_uuid()");
        await WriteAsync("new");

        await StartSenderAsync(
            text =>
            {
                if (text != "new")
                    throw new InvalidOperationException("never");
            },
            o =>
            {
                o.QueryMessageLimit = 4;
                o.LongestBackOff = TimeSpan.FromTicks(10);
            });

        await Eventually(() => _sent.Contains("new"), "it has gone");
    }

    [Test]
    public async Task Should_go_on_at_once_when_a_pass_was_full_of_failures()
    {
        await WriteAsync([.. Enumerable.Range(0, 30).Select(i => $"refused {i}")]);
        await ExecuteAsync("update migration.outbox_message set scope_id = gen_random_uuid()");

        await StartSenderAsync(_ => throw new InvalidOperationException("never"), o =>
        {
            o.QueryMessageLimit = 7;
            o.QueryDelay = Never;
            o.LongestBackOff = Never;
        });

        await Eventually(async () => await BacklogAsync() is { Messages: 30, Failing: 30 }, "all were tried, though it would look again in an hour");
    }

    [Test]
    public async Task Should_send_no_more_of_a_scope_in_a_pass_than_the_limit_says()
    {
        await WriteAsync("a", "b", "c");

        await StartSenderAsync(_ => { }, o => o.UseBusOutbox(b => b.MessageDeliveryLimit = 1));

        await Eventually(async () => (await BacklogAsync()).Messages == 0, "all has gone");
        Assert.That(_sent, Is.EqualTo(new[] { "a", "b", "c" }));
    }

    /// <summary>Adds messages of one scope, which nobody delivers yet.</summary>
    async Task WriteAsync(params string[] texts)
    {
        var writer = await StartAsync(outbox: o => o.DisableDeliveryService());
        await SendThroughBusOutboxAsync(writer, async x =>
        {
            foreach (var text in texts)
                await x.Publish(new NoteWritten(text));
        });
    }

    /// <summary>A host that delivers, unless the action throws, and notes what it has delivered.</summary>
    Task<IHost> StartSenderAsync(Action<string> beforeSending, Action<IEntityFrameworkOutboxConfigurator>? outbox = null) => StartAsync(
        outbox: o =>
        {
            o.QueryDelay = Soon;
            o.LongestBackOff = Soon;
            outbox?.Invoke(o);
        },
        services: s => s.AddSendObserver(_ => new BeforeSending((body, _) =>
        {
            using var envelope = JsonDocument.Parse(body);
            var text = envelope.RootElement.GetProperty("message").GetProperty("text").GetString()!; // NoteWritten has one
            beforeSending(text);
            _sent.Enqueue(text);
            return Task.CompletedTask;
        })));
}
