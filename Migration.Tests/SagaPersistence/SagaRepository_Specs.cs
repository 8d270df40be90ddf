using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Migration.Tests.SagaPersistence;

public class SagaRepository_Specs : PersistenceFixture
{
    const int Messages = 400;

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_count_exactly_when_400_messages_meet_at_a_new_saga(bool usesOutbox)
    {
        var host = await StartAsync(x => AddCounter(x, r => r.UseAdvisoryLock()), usesOutbox: usesOutbox);

        await CountConcurrentlyAsync(host);
    }

    [Test]
    public async Task Should_count_exactly_with_row_locks_and_a_repeated_first_message()
    {
        var host = await StartAsync(x => AddCounter(x, r => r.ConcurrencyMode = ConcurrencyMode.Pessimistic), repetitions: 10);

        await CountConcurrentlyAsync(host);
    }

    [Test]
    public async Task Should_count_exactly_without_locks_and_with_repeated_messages()
    {
        var host = await StartAsync(x => AddCounter(x, r => r.ConcurrencyMode = ConcurrencyMode.Optimistic), repetitions: 100);

        await CountConcurrentlyAsync(host, 40); // a hot saga without locks pays with repetitions
    }

    [TestCase(Lock.Advisory)]
    [TestCase(Lock.Row)]
    public async Task Should_insert_at_first_sight_a_saga_whose_key_is_not_the_correlation_id(Lock kind)
    {
        var host = await StartAsync(x => AddRun(x, kind), repetitions: 10);
        var starts = Enumerable.Range(0, 20).SelectMany(i => Enumerable.Repeat(new StartRun($"run-{i}"), 4)).ToList();

        await Task.WhenAll(starts.Select(x => BusOf(host).Publish(x)));

        await Eventually(async () => await ScalarAsync<long>("""select coalesce(sum("Starts"), 0) from migration.runs where "CurrentState" = 'Running'""") == starts.Count, "every start was counted");
        Assert.That(await ScalarAsync<long>("select count(*) from migration.notes"), Is.EqualTo(20), "SQL of the first message, committed once a saga");
        Assert.That(await ScalarAsync<long>("""select count(*) from migration.runs where "RunId" like 'run-%'"""), Is.EqualTo(20));
        Assert.That(await ScalarAsync<long>("""select count(*) from migration.runs where "Place_Prison" = 'xxxx'"""), Is.EqualTo(20), "a part in the same row was loaded and changed");
        Assert.That(await ScalarAsync<long>("select count(*) from migration.stops"), Is.EqualTo(starts.Count), "a part in another table likewise");
    }

    [Test]
    public async Task Should_find_a_saga_by_a_query_and_delete_it_when_it_is_final()
    {
        var host = await StartAsync(x => AddRun(x));
        await BusOf(host).Publish(new StartRun("one"));
        await BusOf(host).Publish(new StartRun("two"));
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.runs") == 2, "both exist");

        await BusOf(host).Publish(new EndRun("one"));

        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.runs") == 1, "one is gone");
        Assert.That(await ScalarAsync<string>("""select "RunId" from migration.runs"""), Is.EqualTo("two"));
    }

    [TestCase(Lock.Advisory)]
    [TestCase(Lock.Row)]
    [TestCase(Lock.Optimistic)]
    public async Task Should_change_every_saga_that_a_query_finds_once_a_message(Lock kind)
    {
        const int messages = 10;
        var host = await StartAsync(x => AddCounter(x, r => Use(r, kind)), repetitions: 100);
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await Task.WhenAll(ids.Select((id, i) => BusOf(host).Publish(new Count(id, i == 0 ? 1 : 100))));
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.counters") == ids.Count, "all exist");

        await Task.WhenAll(Enumerable.Range(0, messages).Select(_ => BusOf(host).Publish(new CountAll(100)))
            .Concat(Enumerable.Range(0, messages).Select(_ => BusOf(host).Publish(new Count(ids[1])))));

        await Eventually(async () => await TotalAsync() >= 401 + (4 * messages) + messages, "all have counted");
        Assert.That(await TotalAsync(), Is.EqualTo(401 + (4 * messages) + messages));
        Assert.That((await FindCounterAsync(ids[0]))!.Total, Is.EqualTo(1), "the query did not find it");

        Task<long> TotalAsync() => ScalarAsync<long>("""select sum("Total")::bigint from migration.counters""");
    }

    [Test]
    public async Task Should_send_for_each_saga_of_a_query_in_the_order_of_that_saga()
    {
        var host = await StartAsync(x => AddCounter(x), outbox: o => o.DisableDeliveryService());
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => BusOf(host).Publish(new Count(Guid.NewGuid()))));
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.counters") == 3, "all exist");

        await BusOf(host).Publish(new CountAll(1));

        await Eventually(async () => (await BacklogAsync()).Messages == 6, "each has sent twice");
        Assert.That(await ScalarAsync<long>("select count(*) from migration.outbox_message where body like '%' || scope_id || '%'"), Is.EqualTo(6), "the body names the saga");
    }

    [Test]
    public async Task Should_insert_one_saga_of_a_unique_key_when_first_messages_make_up_different_ids()
    {
        const int joins = 20;
        var host = await StartAsync(x => AddRun(x));

        await Task.WhenAll(Enumerable.Range(0, joins).Select(_ => BusOf(host).Publish(new JoinRun("one"))));

        await Eventually(async () => await ScalarAsync<long>("""select coalesce(sum("Starts"), 0) from migration.runs""") == joins, "every join was counted");
        Assert.That(await ScalarAsync<long>("select count(*) from migration.runs"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_refuse_an_optimistic_lock_without_a_concurrency_token()
    {
        var faults = new Seen<Fault<StartRun>>();
        var host = await StartAsync(
            x =>
            {
                AddRun(x, Lock.Optimistic);
                x.AddConsumer<Recorder<Fault<StartRun>>>().Endpoint(e => e.Name = "faults");
            },
            services: s => s.AddSingleton(faults));

        await BusOf(host).Publish(new StartRun("one"));

        await Eventually(() => faults.Count == 1, "it failed");
        Assert.That(faults.Messages[0].Exceptions[0].Message, Does.Contain("no concurrency token"));
    }

    [Test]
    public async Task Should_refuse_a_saga_in_another_context_than_the_outbox_of_its_endpoint()
    {
        var faults = new Seen<Fault<Count>>();
        var host = await StartAsync(
            x =>
            {
                x.AddSagaStateMachine<CounterStateMachine, Counter>().EntityFrameworkRepository(r => r.AddDbContext<DbContext, CounterSagas>((_, options) => options.UseNpgsql(ConnectionString)));
                x.AddConsumer<Recorder<Fault<Count>>>().Endpoint(e => e.Name = "faults");
            },
            services: s => s.AddSingleton(faults));

        await BusOf(host).Publish(new Count(Guid.NewGuid()));

        await Eventually(() => faults.Count == 1, "it failed");
        Assert.That(faults.Messages[0].Exceptions[0].Message, Does.Contain("two transactions"));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.counters"), Is.Zero);
    }

    [Test]
    public async Task Should_fault_a_message_for_a_missing_saga_when_the_policy_says_so()
    {
        var faults = new Seen<Fault<CountSurely>>();
        var host = await StartAsync(
            x =>
            {
                AddCounter(x);
                x.AddConsumer<Recorder<Fault<CountSurely>>>().Endpoint(e => e.Name = "faults");
            },
            services: s => s.AddSingleton(faults));

        var id = NewId.NextGuid();
        await BusOf(host).Publish(new CountSurely(Guid.NewGuid()), x => x.MessageId = id);

        await Eventually(() => faults.Count == 1, "it failed");
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.inbox_state") == 1, "the fault has a row"); // it commits after it was seen
        Assert.That(await ScalarAsync<long>("select count(*) from migration.counters"), Is.Zero);
        Assert.That(await ListAsync("select message_id from migration.inbox_state"), Has.None.EqualTo(id), "a message that failed may come again");
    }

    [Test]
    public async Task Should_store_the_state_as_text()
    {
        var host = await StartAsync(x => AddCounter(x));

        await BusOf(host).Publish(new Count(Guid.NewGuid()));

        await Eventually(async () => await ScalarAsync<long>("""select count(*) from migration.counters where "CurrentState" = 'Counting'""") == 1, "the state can be read by people");
        Assert.That(await ScalarAsync<string>("select data_type from information_schema.columns where table_name = 'counters' and column_name = 'CurrentState'"), Is.EqualTo("text"));
    }

    [Test]
    public async Task Should_register_the_context_where_the_application_has_not()
    {
        var (written, id) = (new Seen<Counted>(), Guid.NewGuid());
        var host = await StartAsync(
            x =>
            {
                x.AddSagaStateMachine<CounterStateMachine, Counter>().EntityFrameworkRepository(r =>
                {
                    r.ConcurrencyMode = ConcurrencyMode.Pessimistic;
                    r.UsePostgres();
                    r.AddDbContext<DbContext, CounterSagas>((_, options) => options.UseNpgsql(ConnectionString));
                    r.CustomizeQuery(counters => counters.Where(c => c.Total < 100));
                });
                x.AddConsumer<Recorder<Counted>>();
            },
            services: s => s.AddSingleton(written),
            usesOutbox: false);

        await BusOf(host).Publish(new Count(id, 2));
        await Eventually(() => written.Count == 1, "it was inserted");
        await BusOf(host).Publish(new Count(id, 3));

        await Eventually(async () => (await FindCounterAsync(id))?.Total == 5, "it was loaded and changed");
        await using var scope = host.Services.CreateAsyncScope();
        Assert.That(scope.ServiceProvider.GetRequiredService<DbContext>(), Is.SameAs(scope.ServiceProvider.GetRequiredService<CounterSagas>()));
        Assert.That(await scope.ServiceProvider.GetRequiredService<ILoadSagaRepository<Counter>>().Load(id), Is.Not.Null);
        await ExecuteAsync("""update migration.counters set "Total" = 100""");
        Assert.That(await scope.ServiceProvider.GetRequiredService<ILoadSagaRepository<Counter>>().Load(id), Is.Null, "the customized query does not find it");
    }

    [Test]
    public async Task Should_obey_the_policy_for_a_missing_saga()
    {
        var host = await StartAsync(x => AddCounter(x));
        var missing = Guid.NewGuid();
        var present = Guid.NewGuid();
        await BusOf(host).Publish(new Count(present));
        await Eventually(async () => await FindCounterAsync(present) is not null, "it exists");

        await BusOf(host).Publish(new CountLater(missing));
        await BusOf(host).Publish(new CountLater(present));

        await Eventually(async () => (await FindCounterAsync(present))!.Total == 1001, "the present one has counted");
        Assert.That(await FindCounterAsync(missing), Is.Null);
    }

    [Test]
    public async Task Should_load_outside_a_message()
    {
        var host = await StartAsync(x => AddCounter(x));
        var id = Guid.NewGuid();
        await BusOf(host).Publish(new Count(id, 7));
        await Eventually(async () => await FindCounterAsync(id) is not null, "it exists");

        await using var scope = host.Services.CreateAsyncScope();
        var saga = await scope.ServiceProvider.GetRequiredService<ILoadSagaRepository<Counter>>().Load(id);

        Assert.That(saga.Total, Is.EqualTo(7));
        Assert.That(saga.CurrentState, Is.EqualTo("Counting"));
    }

    async Task CountConcurrentlyAsync(IHost host, int messages = Messages)
    {
        var id = Guid.NewGuid();
        await Task.WhenAll(Enumerable.Range(0, messages).Select(_ => BusOf(host).Publish(new Count(id))));
        await Eventually(async () => (await FindCounterAsync(id))?.Total >= messages, "all have counted");
        Assert.That((await FindCounterAsync(id))!.Total, Is.EqualTo(messages));
    }

    static void AddCounter(IBusRegistrationConfigurator x, Action<IEntityFrameworkSagaRepositoryConfigurator<Counter>>? configure = null) =>
        x.AddSagaStateMachine<CounterStateMachine, Counter>().EntityFrameworkRepository(r =>
        {
            r.ExistingDbContext<CounterDbContext>();
            r.UsePostgres();
            configure?.Invoke(r);
        });

    static void AddRun(IBusRegistrationConfigurator x, Lock kind = Lock.Advisory) =>
        x.AddSagaStateMachine<RunStateMachine, Run>().EntityFrameworkRepository(r =>
        {
            r.ExistingDbContext<CounterDbContext>();
            Use(r, kind);
        });

    static void Use<T>(IEntityFrameworkSagaRepositoryConfigurator<T> r, Lock kind)
        where T : class, ISaga
    {
        if (kind == Lock.Advisory)
            r.UseAdvisoryLock();
        else
            r.ConcurrencyMode = kind == Lock.Row ? ConcurrencyMode.Pessimistic : ConcurrencyMode.Optimistic;
    }

    public enum Lock
    {
        Advisory,
        Row,
        Optimistic,
    }

    /// <summary>As the official package's documentation writes one, with options of no type.</summary>
    sealed class CounterSagas(DbContextOptions options) : SagaDbContext(options)
    {
        protected override IEnumerable<ISagaClassMap> Configurations => [new CounterMap()];
    }
}
