using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Migration.Benchmarks.Sagas;

/// <summary>A step of a ticket: one transition, one message through the outbox.</summary>
sealed record MoveTicket(Guid TicketId);

/// <summary>Tells that a ticket has moved.</summary>
sealed record TicketMoved(Guid TicketId, int Moves);

/// <summary>A small saga.</summary>
sealed class Ticket : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }
    public string CurrentState { get; set; } = "";
    public int Moves { get; set; }
}

/// <summary>Goes back and forth between two states.</summary>
sealed class TicketStateMachine : MassTransitStateMachine<Ticket>
{
    public TicketStateMachine()
    {
        InstanceState(x => x.CurrentState);
        Event(() => Move, x => x.CorrelateById(m => m.Message.TicketId));
        Initially(When(Move).Count().TransitionTo(Here));
        During(Here, When(Move).Count().TransitionTo(There));
        During(There, When(Move).Count().TransitionTo(Here));
    }

    public State Here { get; private set; } = null!; // set by MassTransit

    public State There { get; private set; } = null!; // likewise

    public Event<MoveTicket> Move { get; private set; } = null!; // likewise
}

static class TicketBehaviour
{
    public static EventActivityBinder<Ticket, MoveTicket> Count(this EventActivityBinder<Ticket, MoveTicket> binder) => binder
        .Then(x => x.Saga.Moves++)
        .Publish(x => new TicketMoved(x.Saga.CorrelationId, x.Saga.Moves));
}

/// <summary>The ticket, inbox and outbox.</summary>
sealed class TicketDbContext(DbContextOptions<TicketDbContext> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        new TicketMap().Configure(modelBuilder);
        modelBuilder.AddTransactionalOutboxEntities();
    }

    sealed class TicketMap : SagaClassMap<Ticket>
    {
        protected override void Configure(EntityTypeBuilder<Ticket> entity, ModelBuilder model) => entity.ToTable("ticket");
    }
}
