using MassTransit;
using MassTransit.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Migration.Sagas.Domains;
using Migration.Sagas.Gates;
using Migration.Sagas.Limits;
using Migration.Sagas.Messaging;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Sweeping;
using Migration.Sagas.Syncs.Intake;
using Migration.Sagas.Syncs.Steps;
using Migration.Sagas.Syncs.Sweeping;

namespace Migration.Sagas.Syncs;

/// <summary>Registration of the sync engine: services, saga, and an endpoint a kind of work. Stands on the run engine's database, gates and sweeper.</summary>
public static class SyncEngine
{
    // Shorter than what a step that has begun is given after an outage (OverdueSyncs): its report comes before it is taken over.
    static readonly TimeSpan[] SagaBackOff = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)];

    const int SagaReceives = 500; // forty minutes

    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Section Syncs may override <see cref="SyncOptions"/>.</param>
    public static IServiceCollection AddSyncEngine(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SyncOptions>().Bind(configuration.GetSection("Syncs")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SyncDomainRegistry>();
        services.AddSingleton(new EventQueueNames(configuration));
        services.AddSingleton(new EventSwitches(configuration));
        services.AddSingleton<ParkedEvents>();
        services.AddSingleton<CoveredEvents>();
        services.AddSingleton<EventIntake>();
        services.AddSingleton<ParkedReplays>();
        services.AddMetrics();
        services.AddSingleton<SyncMetrics>();
        services.AddSingleton<StepRows>();
        services.AddSingleton<StepLeases>();
        services.AddHostedService(x => x.GetRequiredService<StepLeases>());
        services.AddSingleton<SyncSteps>();
        services.AddSingleton<SyncQueries>();
        services.AddSingleton<SyncRequests>();
        services.AddSingleton<ISweep, OverdueSyncs>();
        services.AddSingleton<ISweep, UnheardGrants>();
        services.AddSingleton<ISweep, DueLooks>();
        services.AddSingleton<ISweep, EndedSyncs>();
        return services;
    }

    public static void AddSyncSagas(this IBusRegistrationConfigurator bus)
    {
        bus.AddSagaStateMachine<SyncStateMachine, Sync>().EntityFrameworkRepository(r =>
        {
            r.ExistingDbContext<MigrationDbContext>();
            r.UsePostgres();
            r.ConcurrencyMode = ConcurrencyMode.Pessimistic; // steps write their marks into the same row
        });
        bus.AddConsumer<PushChangeConsumer>();
        bus.AddConsumer<WriteSyncMappingConsumer>();
        bus.AddConsumer<CompensateDuplicateConsumer>();
    }

    public static void ConfigureSyncEndpoints(this IAmazonSqsBusFactoryConfigurator bus, IBusRegistrationContext context)
    {
        var options = context.GetRequiredService<IOptions<SyncOptions>>().Value;
        var gates = context.GetRequiredService<GateCache>();
        var queues = context.GetRequiredService<EventQueueNames>();
        var limits = context.GetRequiredService<UpstreamLimits>();
        var mapping = limits.OfMapping();
        var work = new WorkQueue(options.Lease, options.MaxAttempts, options.BackOffOrDefault);

        new WorkQueue(options.Lease, SagaReceives, SagaBackOff).Receive(bus, SyncQueues.Syncs, options.SagaConcurrency, isOpen: null, e => ConfigureSagas(e, context));
        foreach (var domain in context.GetRequiredService<SyncDomainRegistry>().All)
        {
            var upstreams = limits.Of(domain);
            bool IsOpen() => gates.IsOpen(domain.Name);
            foreach (var queue in queues.Of(domain))
                Endpoint(queue, options.StepConcurrency, IsOpen, e => ConfigureEvents(e, context, domain, queue));
            Endpoint(SyncQueues.Pushes(domain.Name), options.StepConcurrency, () => IsOpen() && upstreams.MayPoll, e => e.ConfigureConsumer<PushChangeConsumer>(context));
            Endpoint(SyncQueues.Mappings(domain.Name), options.StepConcurrency, () => IsOpen() && mapping.MayPoll, e => ConfigureMappings(e, context));
        }

        void Endpoint(string queue, int concurrency, Func<bool>? isOpen, Action<IAmazonSqsReceiveEndpointConfigurator> configure) =>
            work.Receive(bus, queue, concurrency, isOpen, configure);
    }

    internal static void ConfigureSagas(IReceiveEndpointConfigurator endpoint, IRegistrationContext context)
    {
        endpoint.UseEntityFrameworkOutbox<MigrationDbContext>(context);
        endpoint.ConfigureSaga<Sync>(context);
    }

    internal static void ConfigureMappings(IReceiveEndpointConfigurator endpoint, IRegistrationContext context)
    {
        endpoint.ConfigureConsumer<WriteSyncMappingConsumer>(context);
        endpoint.ConfigureConsumer<CompensateDuplicateConsumer>(context);
    }

    internal static void ConfigureEvents(IReceiveEndpointConfigurator endpoint, IRegistrationContext context, ISyncDomain domain, string queue)
    {
        endpoint.ClearSerialization();
        endpoint.AddDeserializer(new EventBodyDeserializer(), isDefault: true);
        endpoint.AddSerializer(new SystemTextJsonMessageSerializerFactory()); // for what the consumer sends
        endpoint.Consumer(() => ActivatorUtilities.CreateInstance<DomainEventConsumer>(context, domain, queue));
    }
}
