using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Migration.Tests.SagaPersistence;

/// <summary>Delivery of the outbox: when it begins, and what it does about messages that hang or fail.</summary>
public class Delivery_Specs : PersistenceFixture
{
    static readonly TimeSpan Never = TimeSpan.FromHours(1);

    Seen<NoteWritten> _written = new();

    [SetUp]
    public void Forget() => _written = new();

    [Test]
    public async Task Should_be_woken_by_its_own_process_long_before_it_would_look()
    {
        var host = await StartAndLookAsync(x => x.AddConsumer<NoteWriter>(), services: s => s.AddSingleton(new NoteWriter.Behaviour()));

        await SendThroughBusOutboxAsync(host, x => x.Publish(new NoteWritten("by a handler")));
        await Eventually(() => _written.Count == 1, "the handler's message was delivered");
        await BusOf(host).Publish(new WriteNote("by a consumer"));

        await Eventually(() => _written.Count == 2, "the consumer's message was delivered");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_send_from_a_transaction_of_the_application_when_it_is_committed(bool commits)
    {
        var host = await StartAndLookAsync();

        await using (var scope = host.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<CounterDbContext>();
            await using var transaction = await db.Database.BeginTransactionAsync();
            db.Notes.Add(new Note { Text = "a" });
            await scope.ServiceProvider.GetRequiredService<IPublishEndpoint>().Publish(new NoteWritten("a"));
            await db.SaveChangesAsync();
            Assert.That((await BacklogAsync()).Messages, Is.Zero, "nobody else sees it yet");
            if (commits)
                await transaction.CommitAsync();
        }
        await SendThroughBusOutboxAsync(host, x => x.Publish(new NoteWritten("b")));

        await Eventually(async () => (await BacklogAsync()).Messages == 0, "all is delivered");
        await Eventually(() => _written.Count >= (commits ? 2 : 1), "it has arrived");
        Assert.That(_written.Messages.Select(x => x.Text).Order(), Is.EqualTo(commits ? new[] { "a", "b" } : ["b"]));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.notes"), Is.EqualTo(commits ? 1 : 0));
    }

    [Test]
    public async Task Should_go_on_in_other_pods_while_one_hangs()
    {
        var (hanging, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = await StartAndLookAsync(outbox: o => o.UseBusOutbox(b => b.MessageDeliveryTimeout = Never), services: s => s.AddSendObserver(_ => new BeforeSending(async (_, _) =>
        {
            hanging.TrySetResult();
            await released.Task;
        })));
        await SendThroughBusOutboxAsync(first, x => x.Publish(new NoteWritten("hangs")));
        await Infrastructure.Eventually.Ends(hanging.Task);

        var second = await StartReaderAsync();
        for (var i = 0; i < 20; i++)
            await SendThroughBusOutboxAsync(second, x => x.Publish(new NoteWritten("goes on")));

        await Eventually(() => _written.Count == 20, "the second pod has delivered the rest");
        await Eventually(async () => (await BacklogAsync()).Messages == 1, "the rows of what it delivered are gone");
        released.SetResult();
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "the first pod has delivered its own");
        await Eventually(() => _written.Count == 21, "once");
    }

    [Test]
    public async Task Should_spend_one_time_out_on_a_scope_whose_destination_hangs()
    {
        var attempts = 0;
        var writer = await StartReaderAsync(o => o.DisableDeliveryService());
        await SendThroughBusOutboxAsync(writer, async x =>
        {
            for (var i = 0; i < 50; i++)
                await x.Publish(new NoteWritten("hangs"));
        });
        await SendThroughBusOutboxAsync(writer, x => x.Publish(new NoteWritten("is behind them")));
        await StopAsync(writer);

        await StartReaderAsync(
            o =>
            {
                o.QueryMessageLimit = 10;
                o.LongestBackOff = Never;
                o.UseBusOutbox(b => b.MessageDeliveryTimeout = TimeSpan.FromMilliseconds(200));
            },
            s => s.AddSendObserver(_ => new BeforeSending(async (body, cancellationToken) =>
            {
                if (body.Contains("hangs", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref attempts);
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
            })));

        await Eventually(() => _written.Count == 1, "the one behind them was delivered");
        Assert.That(Volatile.Read(ref attempts), Is.LessThan(50), "a time-out each would have been 50");
        await Eventually(async () => await BacklogAsync() is { Messages: 50, Failing: 1 }, "the others wait behind the first");
    }

    [Test]
    public async Task Should_keep_the_reason_of_a_failure_even_if_Postgres_would_refuse_the_text()
    {
        var host = await StartAndLookAsync(services: s => s.AddSendObserver(_ => new BeforeSending((body, _) =>
            body.Contains("bad", StringComparison.Ordinal) ? throw new InvalidOperationException("not \0 storable \ud800") : Task.CompletedTask)));

        await SendThroughBusOutboxAsync(host, x => x.Publish(new NoteWritten("bad")));
        await SendThroughBusOutboxAsync(host, x => x.Publish(new NoteWritten("good")));

        await Eventually(async () => await BacklogAsync() is { Messages: 1, Failing: 1 }, "the bad one is left");
        await Eventually(() => _written.Count > 0, "the good one arrived");
        Assert.That(_written.Messages.Select(x => x.Text), Is.EqualTo(new[] { "good" }));
        Assert.That(await ScalarAsync<string>("select last_error from migration.outbox_message"), Does.Contain("storable"));
    }

    [Test]
    public async Task Should_tell_size_and_lag_in_metrics_and_health()
    {
        using var measured = new Measurements();
        var silent = await StartReaderAsync(o => o.DisableDeliveryService());
        await SendThroughBusOutboxAsync(silent, x => x.Publish(new NoteWritten("a")));
        await SendThroughBusOutboxAsync(silent, x => x.Publish(new NoteWritten("b")));
        var young = await HealthAsync(silent);
        Assert.That(young.Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(young.Data["messages"], Is.EqualTo(2));

        await ExecuteAsync("update migration.outbox_message set added_at = clock_timestamp() - interval '10 minutes'");
        var old = await HealthAsync(silent);
        Assert.That(old.Status, Is.EqualTo(HealthStatus.Degraded));
        Assert.That(old.Data["oldestSeconds"], Is.InRange(590L, 700L));

        await ExecuteAsync("update migration.outbox_message set destination_address = 'nowhere://x/y' where sequence_number = (select min(sequence_number) from migration.outbox_message)");
        await StartReaderAsync();

        await Eventually(() => measured.Gauge(EntityFrameworkOutboxMetrics.FailingName) == 1, "the gauge tells of the row that fails");
        Assert.That(measured.Gauge(EntityFrameworkOutboxMetrics.MessagesName), Is.EqualTo(1));
        Assert.That(measured.Gauge(EntityFrameworkOutboxMetrics.OldestAgeName), Is.GreaterThan(590));
        Assert.That(measured.Sum(EntityFrameworkOutboxMetrics.DeliveredName), Is.EqualTo(1));
        Assert.That(measured.Sum(EntityFrameworkOutboxMetrics.FailuresName), Is.GreaterThanOrEqualTo(1));
        Assert.That(measured.Sum(EntityFrameworkOutboxMetrics.LagName), Is.GreaterThan(590));
    }

    static async Task<HealthReportEntry> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(x => x.Name == "outbox-CounterDbContext")).Entries.Values.Single();

    /// <summary>A host that has looked once, and would look again in an hour.</summary>
    async Task<IHost> StartAndLookAsync(
        Action<IBusRegistrationConfigurator>? configure = null, Action<IServiceCollection>? services = null, Action<IEntityFrameworkOutboxConfigurator>? outbox = null)
    {
        var host = await StartReaderAsync(
            o =>
            {
                o.QueryDelay = Never;
                outbox?.Invoke(o);
            },
            services, configure);
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.outbox_state") > 0, "it has looked once");
        return host;
    }

    Task<IHost> StartReaderAsync(Action<IEntityFrameworkOutboxConfigurator>? outbox = null, Action<IServiceCollection>? services = null, Action<IBusRegistrationConfigurator>? configure = null) => StartAsync(
        x =>
        {
            x.AddConsumer<Recorder<NoteWritten>>();
            configure?.Invoke(x);
        },
        outbox: outbox,
        services: s =>
        {
            s.AddSingleton(_written);
            services?.Invoke(s);
        });
}
