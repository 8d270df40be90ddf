using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Migration.Tests.SagaPersistence;

public class Inbox_Specs : PersistenceFixture
{
    NoteWriter.Behaviour _behaviour = new();
    Seen<NoteWritten> _written = new();

    [SetUp]
    public void Forget()
    {
        _behaviour = new();
        _written = new();
    }

    [Test]
    public async Task Should_have_effects_once_when_the_consumer_fails_twice_after_sending_and_saving()
    {
        _behaviour.AfterSaving = (attempt, _) => attempt <= 2 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
        var host = await StartWriterAsync(x => x.UseMessageRetry(r => r.Immediate(3)));

        await BusOf(host).Publish(new WriteNote("a"));
        await BusOf(host).Publish(new WriteNote("last"));

        await Eventually(() => _written.Count >= 2, "both were announced");
        Assert.That(_behaviour.Attempts, Is.EqualTo(4));
        Assert.That(_written.Messages.Select(x => x.Text), Is.EquivalentTo(new[] { "a", "last" }));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.notes"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_consume_five_deliveries_of_one_message_id_once()
    {
        var host = await StartWriterAsync();
        var id = Guid.NewGuid();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => BusOf(host).Publish(new WriteNote("same"), x => x.MessageId = id)));
        await BusOf(host).Publish(new WriteNote("other"));

        await Eventually(() => _written.Messages.Any(x => x.Text == "other"), "the other was consumed");
        await Eventually(async () => (await BacklogAsync()).Messages == 0, "all is delivered");
        Assert.That(_written.Messages.Count(x => x.Text == "same"), Is.EqualTo(1));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.notes where \"Text\" = 'same'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_know_a_message_again_for_the_window_and_not_for_ever()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var measured = new Measurements();
        var host = await StartAsync(
            x => x.AddConsumer<NoteWriter>(),
            outbox: o => o.DuplicateDetectionWindow = TimeSpan.FromHours(1),
            services: s =>
            {
                AddServices(s);
                s.AddSingleton<TimeProvider>(clock);
            });
        var id = Guid.NewGuid();
        await BusOf(host).Publish(new WriteNote("a"), x => x.MessageId = id);
        await Eventually(async () => await NotesAsync() == 1, "it was consumed");

        await ExecuteAsync("update migration.inbox_state set received_at = clock_timestamp() - interval '59 minutes'");
        clock.Advance(TimeSpan.FromMinutes(5)); // the clean-up has a look
        await BusOf(host).Publish(new WriteNote("a"), x => x.MessageId = id);
        await Eventually(() => measured.Sum(EntityFrameworkOutboxMetrics.DuplicatesName) == 1, "the second delivery was skipped");
        Assert.That(await NotesAsync(), Is.EqualTo(1));

        await ExecuteAsync("update migration.inbox_state set received_at = clock_timestamp() - interval '61 minutes'");
        await Eventually(async () =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return await ScalarAsync<long>("select count(*) from migration.inbox_state") == 0;
        }, "the window has passed");
        await BusOf(host).Publish(new WriteNote("a"), x => x.MessageId = id);
        await Eventually(async () => await NotesAsync() == 2, "it is taken for a new one");
        Assert.That(measured.Sum(EntityFrameworkOutboxMetrics.RemovedName), Is.EqualTo(1));

        Task<long> NotesAsync() => ScalarAsync<long>("select count(*) from migration.notes");
    }

    [TestCase("do $$ begin raise exception 'deadlock' using errcode = '40P01'; end $$")]
    [TestCase("do $$ begin raise exception 'serialization' using errcode = '40001'; end $$")]
    public async Task Should_repeat_the_whole_message_after_a_deadlock_or_serialization_failure(string failure)
    {
        _behaviour.AfterSaving = (attempt, db) => attempt <= 3
            ? db.Database.ExecuteSqlRawAsync(failure)
            : Task.CompletedTask;
        var host = await StartWriterAsync();

        await BusOf(host).Publish(new WriteNote("a"));

        await Eventually(() => _written.Count == 1, "it was announced");
        Assert.That(_behaviour.Attempts, Is.EqualTo(4));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.notes"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_fail_a_message_that_deadlocks_every_time()
    {
        _behaviour.AfterSaving = (_, db) => db.Database.ExecuteSqlRawAsync("do $$ begin raise exception 'simulated' using errcode = '40P01'; end $$");
        var faults = new Seen<Fault<WriteNote>>();
        var host = await StartWriterAsync(x => x.AddConsumer<Recorder<Fault<WriteNote>>>().Endpoint(e => e.Name = "faults"), s => s.AddSingleton(faults));

        await BusOf(host).Publish(new WriteNote("a"));

        await Eventually(() => faults.Count == 1, "it failed");
        Assert.That(_behaviour.Attempts, Is.EqualTo(1 + EntityFrameworkOutboxExtensions.Repetitions));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.notes"), Is.Zero);
        Assert.That(_written.Count, Is.Zero);
    }

    [Test]
    public async Task Should_fail_a_message_whose_transaction_Postgres_has_given_up_though_the_consumer_caught_the_error()
    {
        _behaviour.AfterSaving = async (attempt, db) =>
        {
            if (attempt == 1)
                Assert.That(await FailAsync(db), Is.EqualTo(PostgresErrorCodes.DivisionByZero));
        };
        var host = await StartWriterAsync(x => x.UseMessageRetry(r => r.Immediate(1)));

        await BusOf(host).Publish(new WriteNote("a"));

        await Eventually(() => _written.Count == 1, "it was announced");
        Assert.That(_behaviour.Attempts, Is.EqualTo(2));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.notes"), Is.EqualTo(1));

        static async Task<string> FailAsync(CounterDbContext db)
        {
            try
            {
                await db.Database.ExecuteSqlRawAsync("select 1 / 0");
                return "";
            }
            catch (PostgresException e)
            {
                return e.SqlState;
            }
        }
    }

    [Test]
    public async Task Should_remove_rows_older_than_the_window_in_batches()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await ExecuteAsync("insert into migration.inbox_state select gen_random_uuid(), gen_random_uuid(), now() - interval '2 hours' from generate_series(1, 2500)");
        await ExecuteAsync("insert into migration.inbox_state select gen_random_uuid(), gen_random_uuid(), now() - interval '30 minutes' from generate_series(1, 3)");
        await StartAsync(outbox: o => o.DuplicateDetectionWindow = TimeSpan.FromHours(1), services: s => s.AddSingleton<TimeProvider>(clock));

        await Eventually(async () =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return await ScalarAsync<long>("select count(*) from migration.inbox_state") == 3;
        }, "the old ones are gone and the young ones are not");
    }

    Task<IHost> StartWriterAsync(Action<IReceiveEndpointConfigurator>? endpoint = null) => StartAsync(
        x =>
        {
            x.AddConsumer<NoteWriter>();
            x.AddConsumer<Recorder<NoteWritten>>();
        },
        endpoint: endpoint,
        services: AddServices);

    Task<IHost> StartWriterAsync(Action<IBusRegistrationConfigurator> configure, Action<IServiceCollection> services) => StartAsync(
        x =>
        {
            x.AddConsumer<NoteWriter>();
            x.AddConsumer<Recorder<NoteWritten>>();
            configure(x);
        },
        services: s =>
        {
            AddServices(s);
            services(s);
        });

    void AddServices(IServiceCollection services)
    {
        services.AddSingleton(_behaviour);
        services.AddSingleton(_written);
    }
}
