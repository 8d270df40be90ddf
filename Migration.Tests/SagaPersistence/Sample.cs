using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.SagaPersistence.Sample;

public sealed record SubmitOrder(Guid OrderId);

public sealed record OrderAccepted(Guid OrderId);

public sealed class Order : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }
    public string CurrentState { get; set; } = "";
}

public sealed class OrderStateMachine : MassTransitStateMachine<Order>
{
    public OrderStateMachine()
    {
        InstanceState(x => x.CurrentState); // stored as text
        Event(() => Submit, x => x.CorrelateById(m => m.Message.OrderId));
        Initially(When(Submit).Publish(x => new OrderAccepted(x.Saga.CorrelationId)).TransitionTo(Accepted));
        During(Accepted, Ignore(Submit)); // submitted twice: another message, the same order
    }

    public State Accepted { get; private set; } = null!;
    public Event<SubmitOrder> Submit { get; private set; } = null!;
}

public sealed class OrderDbContext(DbContextOptions<OrderDbContext> options) : SagaDbContext(options)
{
    protected override IEnumerable<ISagaClassMap> Configurations => [new OrderMap()];

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.AddTransactionalOutboxEntities(); // inbox_state, outbox_message, outbox_state
    }

    sealed class OrderMap : SagaClassMap<Order>;
}

public static class Orders
{
    public static void AddOrders(this IServiceCollection services, string connectionString, Action<IBusRegistrationConfigurator> transport)
    {
        services.AddDbContext<OrderDbContext>(x => x.UseNpgsql(connectionString));
        services.AddMassTransit(x =>
        {
            x.AddSagaStateMachine<OrderStateMachine, Order>().EntityFrameworkRepository(r =>
            {
                r.UsePostgres();
                r.ExistingDbContext<OrderDbContext>();
            });
            x.AddEntityFrameworkOutbox<OrderDbContext>(o =>
            {
                o.UsePostgres();
                o.UseBusOutbox();
            });
            x.AddConfigureEndpointsCallback((context, _, e) => e.UseEntityFrameworkOutbox<OrderDbContext>(context));
            transport(x);
        });
    }

    /// <summary>In a REST handler: nothing is sent unless, and until, the transaction commits.</summary>
    public static async Task SubmitAsync(Guid orderId, OrderDbContext db, IPublishEndpoint bus, CancellationToken cancellationToken)
    {
        await bus.Publish(new SubmitOrder(orderId), cancellationToken);
        await db.SaveChangesAsync(cancellationToken); // with the handler's own rows
    }
}
