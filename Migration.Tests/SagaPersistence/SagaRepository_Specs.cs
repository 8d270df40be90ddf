using MassTransit;
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

    [Test]
    public async Task Should_find_a_saga_whose_key_is_not_the_correlation_id()
    {
        var host = await StartAsync(AddRun);
        var starts = Enumerable.Range(0, 20).SelectMany(i => Enumerable.Repeat(new StartRun($"run-{i}"), 4)).ToList();

        await Task.WhenAll(starts.Select(x => BusOf(host).Publish(x)));

        await Eventually(async () => await ScalarAsync<long>("""select coalesce(sum("Starts"), 0) from migration.runs where "CurrentState" = 'Running'""") == starts.Count, "every start was counted");
        Assert.That(await ScalarAsync<long>("select count(*) from migration.notes"), Is.EqualTo(20), "SQL of the first message, committed once a saga");
        Assert.That(await ScalarAsync<long>("""select count(*) from migration.runs where "RunId" like 'run-%'"""), Is.EqualTo(20));
    }

    [Test]
    public async Task Should_find_a_saga_by_a_query_and_delete_it_when_it_is_final()
    {
        var host = await StartAsync(AddRun);
        await BusOf(host).Publish(new StartRun("one"));
        await BusOf(host).Publish(new StartRun("two"));
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.runs") == 2, "both exist");

        await BusOf(host).Publish(new EndRun("one"));

        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.runs") == 1, "one is gone");
        Assert.That(await ScalarAsync<string>("""select "RunId" from migration.runs"""), Is.EqualTo("two"));
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

    static void AddCounter(IBusRegistrationConfigurator x, Action<EntityFrameworkSagaRepositoryConfigurator<Counter>>? configure = null) =>
        x.AddSagaStateMachine<CounterStateMachine, Counter>().EntityFrameworkRepository(r =>
        {
            r.ExistingDbContext<CounterDbContext>();
            r.UsePostgres();
            configure?.Invoke(r);
        });

    static void AddRun(IBusRegistrationConfigurator x) =>
        x.AddSagaStateMachine<RunStateMachine, Run>().EntityFrameworkRepository(r =>
        {
            r.ExistingDbContext<CounterDbContext>();
            r.UsePostgres();
        });
}
