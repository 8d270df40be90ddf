using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Migration.Tests.SagaPersistence;

public class Outbox_Specs : PersistenceFixture
{
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    Seen<NoteWritten> _written = new();

    [SetUp]
    public void Forget() => _written = new();

    [Test]
    public async Task Should_send_from_a_scope_with_SaveChanges_only()
    {
        var host = await StartReaderAsync();

        await SendThroughBusOutboxAsync(host, x => x.Publish(new NoteWritten("forgotten")), saves: false);
        await SendThroughBusOutboxAsync(host, x => x.Publish(new NoteWritten("saved")));

        await Eventually(() => _written.Count > 0, "it was delivered");
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "its row is gone");
        Assert.That(_written.Messages.Select(x => x.Text), Is.EqualTo(new[] { "saved" }));
    }

    [Test]
    public async Task Should_deliver_what_a_killed_process_had_committed()
    {
        var killed = await StartReaderAsync(o => o.DisableDeliveryService());
        await SendThroughBusOutboxAsync(killed, x => x.Publish(new NoteWritten("a")));
        await StopAsync(killed);
        Assert.That((await BacklogAsync()).Messages, Is.EqualTo(1));
        Assert.That((await BacklogAsync()).OldestAge, Is.GreaterThan(TimeSpan.Zero));

        await StartReaderAsync();

        await Eventually(() => _written.Count == 1, "it was delivered");
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "the row is gone");
    }

    [Test]
    public async Task Should_not_hold_up_or_repeat_others_for_a_row_that_cannot_be_sent()
    {
        var writer = await StartReaderAsync(o => o.DisableDeliveryService());
        await SendThroughBusOutboxAsync(writer, async x =>
        {
            for (var i = 0; i < 30; i++)
                await x.Publish(new NoteWritten($"{i}"));
        });
        await ExecuteAsync("update migration.outbox_message set destination_address = 'nowhere://x/y' where sequence_number = (select min(sequence_number) + 3 from migration.outbox_message)");
        await ExecuteAsync("update migration.outbox_message set body = 'not json' where sequence_number = (select min(sequence_number) + 5 from migration.outbox_message)");

        await StartReaderAsync(o =>
        {
            o.QueryMessageLimit = 10;
            o.QueryDelay = Soon;
            o.LongestBackOff = Soon;
        });

        await Eventually(async () => await BacklogAsync() is { Messages: 2, Failing: 2 }, "only the broken rows are left");
        await Eventually(async () => await ScalarAsync<int>("select min(attempts) from migration.outbox_message") >= 2, "they are tried again");
        await Eventually(() => _written.Count >= 28, "the others have arrived");
        Assert.That(_written.Messages.Select(x => int.Parse(x.Text)).Order(), Is.EqualTo(Enumerable.Range(0, 30).Except([3, 5])));
        Assert.That(await ScalarAsync<string>("select last_error from migration.outbox_message order by sequence_number limit 1"), Is.Not.Empty);
    }

    [Test]
    public async Task Should_share_the_work_of_two_hosts_without_duplicates()
    {
        const int messages = 2000;
        await AddRowsAsync(messages, scopes: messages);
        var first = new Seen<NoteWritten>();
        var second = new Seen<NoteWritten>();
        await StartReaderAsync(o => o.QueryMessageLimit = 20, first);
        await StartReaderAsync(o => o.QueryMessageLimit = 20, second);

        await ReleaseRowsAsync();

        await Eventually(async () => (await BacklogAsync()).Messages == 0, "all is delivered");
        await Eventually(() => first.Count + second.Count >= messages, "all is consumed");
        Assert.Multiple(() =>
        {
            Assert.That(first.Messages.Concat(second.Messages).Select(x => int.Parse(x.Text)).Order(), Is.EqualTo(Enumerable.Range(0, messages)));
            Assert.That(first.Count, Is.GreaterThan(messages / 20));
            Assert.That(second.Count, Is.GreaterThan(messages / 20));
        });
    }

    [Test]
    public async Task Should_keep_the_order_of_every_scope_with_two_hosts_at_work()
    {
        const int messages = 500;
        await AddRowsAsync(messages, scopes: 10);
        var order = new SendOrder();
        for (var host = 0; host < 2; host++)
            await StartReaderAsync(o => o.QueryMessageLimit = 7, services: s => s.AddSendObserver(_ => order));
        var expected = await ListAsync("select message_id from migration.outbox_message order by scope_id, sequence_number");
        var scopes = await ListAsync("select scope_id from migration.outbox_message order by scope_id, sequence_number");

        await ReleaseRowsAsync();

        await Eventually(() => order.Sent.Count == messages, "all is sent");
        var scopeOf = expected.Zip(scopes).ToDictionary(x => x.First, x => x.Second);
        Assert.That(order.Sent.OrderBy(x => scopeOf[x]), Is.EqualTo(expected), "sorted by scope alone, a stable sort, the sequence within each scope shows");
    }

    [Test]
    public async Task Should_count_a_delay_from_when_the_message_was_added()
    {
        var writer = await StartReaderAsync(o => o.DisableDeliveryService());
        await SendThroughBusOutboxAsync(writer, async x =>
        {
            await x.Publish(new NoteWritten("overdue"), c => c.Delay = TimeSpan.FromHours(1));
            await x.Publish(new NoteWritten("in an hour"), c => c.Delay = TimeSpan.FromHours(1));
            await x.Publish(new NoteWritten("in two seconds"), c => c.Delay = TimeSpan.FromHours(1));
        });
        var due = await ScalarAsync<DateTime>("select min(due_at) from migration.outbox_message");
        Assert.That(due, Is.EqualTo(DateTime.UtcNow.AddHours(1)).Within(TimeSpan.FromMinutes(1)));
        await ExecuteAsync("update migration.outbox_message set due_at = now() - interval '1 second' where body like '%overdue%'");
        await ExecuteAsync("update migration.outbox_message set due_at = clock_timestamp() + interval '2 seconds' where body like '%two seconds%'");
        var early = await ScalarAsync<DateTime>("select min(due_at) from migration.outbox_message where body like '%two seconds%'");

        await StartReaderAsync();

        await Eventually(() => _written.Count == 1, "the overdue one came at once");
        Assert.That(_written.Messages[0].Text, Is.EqualTo("overdue"));
        await Eventually(() => _written.Count == 2, "the next one came");
        Assert.That(_written.Messages[1].Text, Is.EqualTo("in two seconds"));
        Assert.That(DateTime.UtcNow, Is.GreaterThanOrEqualTo(early.ToUniversalTime().AddMilliseconds(-50)));
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "the transport has the third");
    }

    [Test]
    public async Task Should_reach_the_consumers_of_an_implemented_interface()
    {
        var events = new Seen<IRunEvent>();
        var host = await StartAsync(x => x.AddConsumer<Recorder<IRunEvent>>(), services: s => s.AddSingleton(events));

        await SendThroughBusOutboxAsync(host, x => x.Publish(new RunStarted("r")));

        await Eventually(() => events.Count == 1, "it arrived");
        Assert.That(events.Messages[0].RunId, Is.EqualTo("r"));
    }

    [Test]
    public async Task Should_be_woken_by_another_process_long_before_it_would_look()
    {
        await StartReaderAsync(o => o.QueryDelay = TimeSpan.FromMinutes(10));
        await Eventually(async () => await ScalarAsync<long>("select count(*) from pg_stat_activity where query = 'listen \"migration.outbox_message\"' and datname = current_database()") > 0, "it listens");
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.outbox_state") == 1, "it has looked once");
        var other = await StartReaderAsync(o => o.DisableDeliveryService());

        for (var i = 1; i <= 5; i++) // also right after it was woken
        {
            await SendThroughBusOutboxAsync(other, x => x.Publish(new NoteWritten("a")));
            await Eventually(() => _written.Count == i, "it was delivered");
        }
    }

    [Test]
    public async Task Should_publish_once_for_each_of_200_transitions()
    {
        var counted = new Seen<Counted>();
        var host = await StartAsync(
            x =>
            {
                x.AddSagaStateMachine<CounterStateMachine, Counter>().EntityFrameworkRepository(r => r.ExistingDbContext<CounterDbContext>());
                x.AddConsumer<Recorder<Counted>>();
            },
            services: s => s.AddSingleton(counted));
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToList();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => BusOf(host).Publish(new Count(ids[i % ids.Count]))));

        await Eventually(() => counted.Count >= 200, "all was announced");
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "the outbox is empty");
        Assert.That(counted.Messages.GroupBy(x => x.CounterId).Select(x => x.Select(m => m.Total).Order()), Has.All.EqualTo(Enumerable.Range(1, 10)));
    }

    Task<IHost> StartReaderAsync(Action<IEntityFrameworkOutboxConfigurator>? outbox = null, Seen<NoteWritten>? seen = null, Action<IServiceCollection>? services = null) => StartAsync(
        x => x.AddConsumer<Recorder<NoteWritten>>(),
        outbox: outbox,
        services: s =>
        {
            s.AddSingleton(seen ?? _written);
            services?.Invoke(s);
        });

    /// <summary>Rows that no host takes before <see cref="ReleaseRowsAsync"/>, with the scopes in turn.</summary>
    async Task AddRowsAsync(int count, int scopes)
    {
        var writer = await StartReaderAsync(o => o.DisableDeliveryService());
        await SendThroughBusOutboxAsync(writer, async x =>
        {
            for (var i = 0; i < count; i++)
                await x.Publish(new NoteWritten($"{i}"));
        });
        await ExecuteAsync($"update migration.outbox_message set not_before = 'infinity', scope_id = lpad((sequence_number % {scopes})::text, 32, '0')::uuid");
    }

    Task<int> ReleaseRowsAsync() => ExecuteAsync("update migration.outbox_message set not_before = now()");

    sealed class SendOrder : ISendObserver
    {
        public ConcurrentQueue<Guid> Sent { get; } = new();

        public Task PreSend<T>(SendContext<T> context)
            where T : class
        {
            Sent.Enqueue(context.MessageId ?? Guid.Empty);
            return Task.CompletedTask;
        }

        public Task PostSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
