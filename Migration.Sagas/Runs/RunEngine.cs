using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Gates;
using Migration.Sagas.Limits;
using Migration.Sagas.Messaging;
using Migration.Sagas.Notices;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Runs.Steps;
using Migration.Sagas.Runs.Sweeping;
using Migration.Sagas.Syncs.Lanes;

namespace Migration.Sagas.Runs;

/// <summary>Registration of the run engine: services, saga, and an endpoint a kind of work.</summary>
public static class RunEngine
{
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Section Engine may override <see cref="EngineOptions"/>.</param>
    /// <param name="connectionString">Postgres; schema <c>migration</c> is the service's own.</param>
    public static IServiceCollection AddRunEngine(this IServiceCollection services, IConfiguration configuration, string connectionString)
    {
        services.AddOptions<EngineOptions>().Bind(configuration.GetSection("Engine")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<EngineOptions>, TimeLimits>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<LocalTime>();
        services.AddDbContextPool<MigrationDbContext>(x => x.UseNpgsql(LedgerDatabase.Prepared(connectionString), npgsql => npgsql.MigrationsHistoryTable("schema_history", MigrationDbContext.Schema)));
        services.AddScoped<DatabaseTime>();
        services.AddSingleton(_ => new LedgerDatabase(connectionString));
        services.AddUpstreamLimits();
        services.AddSingleton<DomainRegistry>();
        services.AddScoped<RunStarter>();
        services.AddSingleton<OperatorActions>();
        services.AddSingleton<RunQueries>();
        services.AddSingleton<RunPace>();
        services.AddSingleton<LedgerPages>();
        services.AddSingleton<LedgerMessages>();
        services.AddSingleton<Reopenings>();
        services.AddSingleton<GateStore>();
        services.AddSingleton<GrantedLanes>();
        services.AddSingleton<Outcomes>();
        services.AddHosted<Claims>();
        services.AddHosted<GateCache>();
        services.AddHosted<DueChecks>();
        services.AddHosted<Sweeper>();
        services.AddSingleton<ISweep, ExpiredClaims>();
        services.AddSingleton<ISweep, UnsentRows>();
        services.AddSingleton<ISweep, Standstills>();
        services.AddSingleton<ISweep, SecondLooks>();
        services.AddSingleton<ISweep, EndedRuns>();
        return services;
    }

    public static void AddRunSagas(this IBusRegistrationConfigurator bus)
    {
        bus.AddSagaStateMachine<RunStateMachine, Run>().EntityFrameworkRepository(r =>
        {
            r.ExistingDbContext<MigrationDbContext>();
            r.UsePostgres();
        });
        bus.AddEntityFrameworkOutbox<MigrationDbContext>(o =>
        {
            o.UsePostgres();
            o.UseBusOutbox();
            o.QueryDelay = TimeSpan.FromSeconds(1);
        });
        bus.AddConsumer<NoticeConsumer>();
        bus.AddConsumer<EstimateCountConsumer>();
        bus.AddConsumer<FetchPageConsumer>();
        bus.AddConsumer<MigrateEntityConsumer>();
        bus.AddConsumer<WriteMappingConsumer>();
    }

    public static void ConfigureRunEndpoints(this IAmazonSqsBusFactoryConfigurator bus, IBusRegistrationContext context)
    {
        var options = context.GetRequiredService<IOptions<EngineOptions>>().Value;
        var gates = context.GetRequiredService<GateCache>();
        var work = new WorkQueue(options.Lease, options.MaxAttempts, options.BackOffOrDefault);

        Endpoint(QueueNames.Runs, concurrency: 16, isOpen: null, e =>
        {
            e.UseEntityFrameworkOutbox<MigrationDbContext>(context);
            e.ConfigureSaga<Run>(context);
        });
        Endpoint(QueueNames.Counts, concurrency: 4, isOpen: null, e => e.ConfigureConsumer<EstimateCountConsumer>(context));
        Endpoint(QueueNames.Notices, concurrency: 4, isOpen: null, e => e.ConfigureConsumer<NoticeConsumer>(context));
        var limits = context.GetRequiredService<UpstreamLimits>();
        var mapping = limits.OfMapping();
        foreach (var (domain, upstreams) in context.GetRequiredService<DomainRegistry>().All.Select(x => (x.Name, limits.Of(x))))
        {
            bool IsOpen() => gates.IsOpen(domain) && upstreams.MayPoll;
            bool IsMappingOpen() => gates.IsOpen(domain) && mapping.MayPoll;
            Endpoint(QueueNames.Pages(domain), concurrency: 2, IsOpen, e => e.ConfigureConsumer<FetchPageConsumer>(context));
            Endpoint(QueueNames.Entities(domain), options.RecordConcurrency, IsOpen, e =>
            {
                e.ReceiveLinger = TimeSpan.FromMilliseconds(50); // fuller receives: the cost of a run is its requests
                e.ConfigureConsumer<MigrateEntityConsumer>(context);
            });
            Endpoint(QueueNames.Mappings(domain), concurrency: 8, IsMappingOpen, e => e.ConfigureConsumer<WriteMappingConsumer>(context));
        }

        void Endpoint(string queue, int concurrency, Func<bool>? isOpen, Action<IAmazonSqsReceiveEndpointConfigurator> configure) =>
            work.Receive(bus, queue, concurrency, isOpen, configure);
    }

    static void AddHosted<T>(this IServiceCollection services) where T : class, Microsoft.Extensions.Hosting.IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(x => x.GetRequiredService<T>());
    }
}
