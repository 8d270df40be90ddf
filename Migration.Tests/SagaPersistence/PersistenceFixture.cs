using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migration.Tests.Infrastructure;
using Npgsql;

namespace Migration.Tests.SagaPersistence;

/// <summary>A database for the fixture, and hosts that share it, over MassTransit's in-memory transport unless overridden.</summary>
public abstract class PersistenceFixture
{
    readonly List<IHost> _hosts = [];
    NpgsqlDataSource _source = null!;

    protected string ConnectionString { get; private set; } = "";

    [OneTimeSetUp]
    public async Task CreateDatabase()
    {
        ConnectionString = await TestPostgres.CreateDatabaseAsync();
        _source = NpgsqlDataSource.Create(ConnectionString + ";Maximum Pool Size=40");
        await using var db = CreateDbContext();
        await db.Database.EnsureCreatedAsync();
    }

    [OneTimeTearDown]
    public async Task DropDatabase()
    {
        await _source.DisposeAsync();
        await TestPostgres.DropDatabaseAsync(ConnectionString);
    }

    [TearDown]
    public async Task StopHosts()
    {
        foreach (var host in _hosts)
            await StopAsync(host);
        _hosts.Clear();
        await ExecuteAsync("truncate migration.counters, migration.runs, migration.parcels, migration.stops, migration.notes, migration.inbox_state, migration.outbox_message, migration.outbox_state");
    }

    protected CounterDbContext CreateDbContext() => new(new DbContextOptionsBuilder<CounterDbContext>().UseNpgsql(_source).Options);

    protected async Task<IHost> StartAsync(
        Action<IBusRegistrationConfigurator>? configure = null,
        Action<IEntityFrameworkOutboxConfigurator>? outbox = null,
        Action<IReceiveEndpointConfigurator>? endpoint = null,
        Action<IServiceCollection>? services = null,
        bool usesOutbox = true,
        int repetitions = EntityFrameworkOutboxExtensions.Repetitions)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        builder.Services.AddDbContext<CounterDbContext>(x => x.UseNpgsql(_source));
        services?.Invoke(builder.Services);
        builder.Services.AddMassTransit(x =>
        {
            x.DisableUsageTelemetry();
            x.AddDelayedMessageScheduler();
            x.AddEntityFrameworkOutbox<CounterDbContext>(o =>
            {
                o.UsePostgres();
                o.UseBusOutbox();
                outbox?.Invoke(o);
            });
            x.AddConfigureEndpointsCallback((context, _, e) =>
            {
                e.ConcurrentMessageLimit = 24;
                endpoint?.Invoke(e);
                if (usesOutbox)
                    e.UseEntityFrameworkOutbox<CounterDbContext>(context, repetitions);
                else
                    e.UsePostgresRepetition(repetitions);
            });
            configure?.Invoke(x);
            UseTransport(x);
        });
        var host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
        return host;
    }

    protected virtual void UseTransport(IBusRegistrationConfigurator x) => x.UsingInMemory((context, cfg) =>
    {
        cfg.UseDelayedMessageScheduler();
        cfg.ConfigureEndpoints(context);
    });

    protected static async Task StopAsync(IHost host)
    {
        await host.StopAsync();
        host.Dispose();
    }

    /// <summary>Sends as an application does outside consumers: through the scope, with SaveChanges.</summary>
    protected static async Task SendThroughBusOutboxAsync(IHost host, Func<IPublishEndpoint, Task> send, bool saves = true)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await send(scope.ServiceProvider.GetRequiredService<IPublishEndpoint>());
        if (saves)
            await scope.ServiceProvider.GetRequiredService<CounterDbContext>().SaveChangesAsync();
    }

    protected static IBus BusOf(IHost host) => host.Services.GetRequiredService<IBus>();

    protected async Task<Counter?> FindCounterAsync(Guid id)
    {
        await using var db = CreateDbContext();
        return await db.Counters.AsNoTracking().SingleOrDefaultAsync(x => x.CorrelationId == id);
    }

    protected async Task<OutboxBacklog> BacklogAsync()
    {
        await using var db = CreateDbContext();
        return await db.GetOutboxBacklogAsync();
    }

    /// <summary>Cuts every connection to the database but the one that says so, and returns when they have gone; what is idle in the hosts' pool is thrown away, what is in use finds out.</summary>
    protected async Task CutConnectionsAsync()
    {
        await ExecuteAsync("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        _source.Clear();
    }

    protected async Task<NpgsqlConnection> OpenConnectionAsync() => await _source.OpenConnectionAsync();

    protected async Task<int> ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    protected async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    protected async Task<List<Guid>> ListAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var list = new List<Guid>();
        while (await reader.ReadAsync())
            list.Add(reader.GetGuid(0));
        return list;
    }

    protected static async Task Eventually(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (!await condition())
        {
            Assert.That(limit.IsCancellationRequested, Is.False, $"never happened: {what}");
            await Task.Delay(10);
        }
    }

    protected static Task Eventually(Func<bool> condition, string what) => Eventually(() => Task.FromResult(condition()), what);
}
