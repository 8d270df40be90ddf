using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Migration.Simulator.Sqs;
using Npgsql;

namespace Migration.Tests.SagaPersistence;

/// <summary>Delivery of the outbox over the real protocol of SQS, and from a Postgres that drops connections, while either goes away and comes back.</summary>
public class DeliveryFaults_Specs : PersistenceFixture
{
    const string Sink = "sink"; // nobody consumes it
    const string Elsewhere = "elsewhere";

    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Never = TimeSpan.FromHours(1);

    SqsBroker _broker = null!;
    SqsServer _server = null!;
    AmazonSQSClient _sqs = null!;

    [SetUp]
    public async Task StartServer()
    {
        _broker = new SqsBroker();
        _server = await SqsServer.StartAsync(_broker);
        _sqs = new AmazonSQSClient(new BasicAWSCredentials("x", "y"), new AmazonSQSConfig { ServiceURL = _server.Url.ToString() });
    }

    [TearDown]
    public async Task StopServer()
    {
        _broker.Faults.RefuseAll = false;
        _broker.Faults.Latency = TimeSpan.Zero;
        await StopHosts();
        _sqs.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_keep_the_order_of_a_scope_over_an_outage_of_SQS(bool vanishes)
    {
        var host = await StartSenderAsync();
        await SendAsync(host, Sink, "before");
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "it works");
        var bringUp = vanishes ? await TakeServerDownAsync() : Refuse();

        await SendAsync(host, Sink, "1", "2", "3");
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.outbox_message where last_error is not null") == 1, "the first of them has failed");
        await ExecuteAsync("update migration.outbox_message set attempts = 3 where last_error is not null"); // another two that counted, and it would lose its place
        var failed = await ScalarAsync<DateTime>("select not_before from migration.outbox_message order by sequence_number limit 1");
        for (var i = 0; i < 3; i++)
        {
            var last = failed;
            failed = await Infrastructure.Eventually.Value(() => ScalarAsync<DateTime>("select not_before from migration.outbox_message order by sequence_number limit 1"), x => x > last);
        }
        Assert.That(await BacklogAsync(), Has.Property("Messages").EqualTo(3).And.Property("Failing").EqualTo(1));
        await bringUp();

        await Eventually(async () => (await BacklogAsync()).Messages == 0, "all has gone");
        Assert.That(await ReceiveAsync(4), Is.EqualTo(new[] { "before", "1", "2", "3" }));

        Func<Task> Refuse()
        {
            _broker.Faults.RefuseAll = true;
            return () =>
            {
                _broker.Faults.RefuseAll = false;
                return Task.CompletedTask;
            };
        }
    }

    [Test]
    public async Task Should_give_up_a_send_that_hangs_within_SQS_and_repeat_it()
    {
        var host = await StartSenderAsync();
        await SendAsync(host, Sink, "before");
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "the queue is there");
        _broker.Faults.OnlyActions = ["SendMessageBatch"];
        _broker.Faults.Latency = TimeSpan.FromMinutes(5);

        await SendAsync(host, Sink, "hangs");

        await Eventually(async () => await BacklogAsync() is { Failing: 1 }, "it was given up");
        Assert.That(await ScalarAsync<string>("select last_error from migration.outbox_message"), Does.StartWith("TimeoutException").Or.StartWith("TaskCanceledException").Or.StartWith("OperationCanceledException"));
        Assert.That(_broker.Depths.Single(x => x.Name == Sink).Visible, Is.EqualTo(1), "its request has not been answered");
        _broker.Faults.Latency = TimeSpan.Zero;
        await (await TakeServerDownAsync())(); // what hangs is cut off
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "it has gone");
        Assert.That(await ReceiveAsync(2), Is.EqualTo(new[] { "before", "hangs" }));
    }

    [Test]
    public async Task Should_tell_how_much_waits_while_SQS_is_away_from_the_start()
    {
        var writer = await StartSenderAsync(o => o.DisableDeliveryService());
        await SendAsync(writer, Sink, "waits");
        await StopAsync(writer);
        var bringUp = await TakeServerDownAsync();
        using var measured = new Measurements();

        await StartSenderAsync();

        await Eventually(() => measured.Gauge(EntityFrameworkOutboxMetrics.MessagesName) == 1, "the gauge tells");
        Assert.That(await ScalarAsync<long>("select count(*) from migration.outbox_state"), Is.EqualTo(1));
        await bringUp();
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "it has gone");
    }

    [Test]
    public async Task Should_send_what_waited_when_the_bus_becomes_ready_though_it_looks_every_hour()
    {
        var writer = await StartSenderAsync(o => o.DisableDeliveryService());
        await SendAsync(writer, Sink, "waits");
        await StopAsync(writer);
        var bringUp = await TakeServerDownAsync();
        await StartSenderAsync(o => o.QueryDelay = Never);
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.outbox_state") == 1, "it has looked, and the bus was not ready");

        await bringUp();

        await Eventually(async () => (await BacklogAsync()).Messages == 0, "it has gone");
    }

    [Test]
    public async Task Should_send_again_when_Postgres_drops_the_connection_of_a_pass()
    {
        var (sending, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        var host = await StartSenderAsync(o => o.UseBusOutbox(b => b.MessageDeliveryTimeout = Never), s => s.AddSendObserver(_ => new BeforeSending(async (_, _) =>
        {
            sending.TrySetResult();
            await released.Task;
        })));
        await SendAsync(host, Sink, "1", "2");
        await Infrastructure.Eventually.Ends(sending.Task);

        await CutConnectionsAsync();
        released.SetResult();

        await Eventually(async () => (await BacklogAsync()).Messages == 0, "all has gone");
        Assert.That(await ReceiveAsync(2), Is.EqualTo(new[] { "1", "2" }), "twice each, in order");
    }

    [Test]
    public async Task Should_listen_again_when_Postgres_has_dropped_the_connection()
    {
        const string listeners = "from pg_stat_activity where query like 'listen %' and datname = current_database()";
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await StartSenderAsync(o => o.QueryDelay = Never, s => s.AddSingleton<TimeProvider>(clock));
        var writer = await StartSenderAsync(o => o.DisableDeliveryService());
        await Eventually(async () => await ScalarAsync<long>($"select count(*) {listeners}") == 1, "it listens");
        var listen = await ScalarAsync<string>($"select query {listeners}");
        await SendAsync(writer, Sink, "before");
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "it works");

        await CutConnectionsAsync();
        await using (var witness = await OpenConnectionAsync())
        {
            await using (var command = new NpgsqlCommand(listen, witness))
                await command.ExecuteNonQueryAsync();
            await SendAsync(writer, Sink, "meanwhile");
            await Infrastructure.Eventually.Ends(witness.WaitAsync()); // it was called, and did not hear it
        }
        await Eventually(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return (await BacklogAsync()).Messages == 0;
        }, "it listens again, and looks what it has missed");
        await SendAsync(writer, Sink, "after");

        await Eventually(async () => (await BacklogAsync()).Messages == 0, "it was woken");
    }

    protected override void UseTransport(IBusRegistrationConfigurator x) => x.UsingAmazonSqs((context, cfg) =>
    {
        cfg.Host("eu-west-2", h =>
        {
            h.Credentials(new BasicAWSCredentials("x", "y"));
            h.Config(new AmazonSQSConfig { ServiceURL = _server.Url.ToString(), MaxErrorRetry = 1 });
        });
        cfg.ReceiveEndpoint(Elsewhere, e => // something that polls, so that the bus knows of an outage
        {
            e.WaitTimeSeconds = 1;
            e.Handler<NoteWritten>(_ => Task.CompletedTask);
        });
    });

    Task<IHost> StartSenderAsync(Action<IEntityFrameworkOutboxConfigurator>? outbox = null, Action<IServiceCollection>? services = null) => StartAsync(
        outbox: o =>
        {
            o.QueryDelay = Soon;
            o.LongestBackOff = Soon;
            o.UseBusOutbox(b => b.MessageDeliveryTimeout = TimeSpan.FromMilliseconds(500));
            outbox?.Invoke(o);
        },
        services: services);

    static async Task SendAsync(IHost host, string queue, params string[] texts)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var endpoint = await scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri($"queue:{queue}"));
        foreach (var text in texts)
            await endpoint.Send(new NoteWritten(text));
        await scope.ServiceProvider.GetRequiredService<CounterDbContext>().SaveChangesAsync();
    }

    /// <summary>The texts in the sink as they came, each at its first coming; waits for so many. The simulator keeps the order.</summary>
    async Task<IReadOnlyList<string>> ReceiveAsync(int count)
    {
        var texts = new List<string>();
        await Eventually(async () =>
        {
            var answer = await _sqs.ReceiveMessageAsync(new ReceiveMessageRequest { QueueUrl = (await _sqs.GetQueueUrlAsync(Sink)).QueueUrl, MaxNumberOfMessages = 10, VisibilityTimeout = 600 });
            foreach (var message in answer.Messages ?? [])
            {
                using var envelope = System.Text.Json.JsonDocument.Parse(message.Body);
                var text = envelope.RootElement.GetProperty("message").GetProperty("text").GetString()!; // NoteWritten has one
                if (!texts.Contains(text))
                    texts.Add(text);
            }
            return texts.Count >= count;
        }, "all has come");
        return texts;
    }

    async Task<Func<Task>> TakeServerDownAsync()
    {
        var port = _server.Url.Port;
        await _server.DisposeAsync();
        return async () => _server = await SqsServer.StartAsync(_broker, port);
    }
}
