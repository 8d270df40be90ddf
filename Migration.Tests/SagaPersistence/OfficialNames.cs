using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Migration.Tests.SagaPersistence;

/// <summary>
/// Every name of <c>MassTransit.EntityFrameworkCore</c> that the stand-in offers, and none of its own: this file compiles against either. It is the list of what
/// an application may use if the official package is to take the stand-in's place without a change.
/// </summary>
static class OfficialNames
{
    public static void Register(IBusRegistrationConfigurator x)
    {
        x.AddSagaStateMachine<CounterStateMachine, Counter>().EntityFrameworkRepository(r =>
        {
            r.ConcurrencyMode = ConcurrencyMode.Optimistic;
            r.UsePostgres();
            r.AddDbContext<DbContext, NamedDbContext>((provider, options) => options.UseNpgsql(provider.ToString()));
            r.CustomizeQuery(counters => counters.Where(c => c.Total > 0));
        });
        x.AddSagaStateMachine<RunStateMachine, Run>().EntityFrameworkRepository(Configure);
        x.AddEntityFrameworkOutbox<NamedDbContext>(Configure);
        x.AddConfigureEndpointsCallback((context, _, e) => e.UseEntityFrameworkOutbox<NamedDbContext>(context));
    }

    static void Configure(IEntityFrameworkSagaRepositoryConfigurator<Run> r)
    {
        r.ConcurrencyMode = ConcurrencyMode.Pessimistic;
        r.UsePostgres();
        r.ExistingDbContext<NamedDbContext>();
    }

    static void Configure(IEntityFrameworkOutboxConfigurator o)
    {
        o.DuplicateDetectionWindow = TimeSpan.FromMinutes(30);
        o.QueryDelay = TimeSpan.FromSeconds(1);
        o.QueryMessageLimit = 100;
        o.UsePostgres();
        o.DisableInboxCleanupService();
        o.UseBusOutbox(Configure);
    }

    static void Configure(IEntityFrameworkBusOutboxConfigurator b)
    {
        b.MessageDeliveryLimit = 100;
        b.MessageDeliveryTimeout = TimeSpan.FromSeconds(10);
        b.DisableDeliveryService();
    }

    sealed class NamedDbContext(DbContextOptions<NamedDbContext> options) : SagaDbContext(options)
    {
        protected override IEnumerable<ISagaClassMap> Configurations => [new NamedMap()];

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            base.OnModelCreating(modelBuilder);
            modelBuilder.AddInboxStateEntity(x => x.ToTable("inbox", "named"));
            modelBuilder.AddOutboxMessageEntity();
            modelBuilder.AddOutboxStateEntity();
            modelBuilder.AddTransactionalOutboxEntities(x => x.HasAnnotation("named", true));
        }
    }

    sealed class NamedMap : SagaClassMap<Counter>
    {
        protected override void Configure(EntityTypeBuilder<Counter> entity, ModelBuilder model) => entity.Property(x => x.CurrentState).HasMaxLength(64);
    }
}
