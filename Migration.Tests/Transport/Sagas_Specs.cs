using System.Collections.Concurrent;
using MassTransit;

namespace Migration.Tests.Transport;

public class Sagas_Specs : TransportFixture
{
    [Test]
    public async Task Should_run_a_state_machine_with_a_schedule()
    {
        var done = new TaskCompletionSource<Guid>();
        var bus = CreateBus((context, cfg) =>
        {
            cfg.UseDelayedMessageScheduler();
            cfg.ReceiveEndpoint("done", e => e.Handler<OrderDone>(x =>
            {
                done.TrySetResult(x.Message.CorrelationId);
                return Task.CompletedTask;
            }));
            cfg.ConfigureEndpoints(context);
        }, x =>
        {
            x.AddDelayedMessageScheduler();
            x.SetKebabCaseEndpointNameFormatter();
            x.AddSagaStateMachine<OrderStateMachine, OrderState>().InMemoryRepository();
        });
        await bus.Control.StartAsync();
        var id = Guid.NewGuid();

        await bus.Control.Publish(new OrderStarted(id));

        Assert.That(await done.Task.WaitAsync(TimeSpan.FromSeconds(15)), Is.EqualTo(id));
        Assert.That(Broker.Depths.Select(x => x.Name), Has.Member("order-state"));
    }

    public sealed record OrderStarted(Guid CorrelationId) : CorrelatedBy<Guid>;

    public sealed record OrderOverdue(Guid CorrelationId) : CorrelatedBy<Guid>;

    public sealed record OrderDone(Guid CorrelationId) : CorrelatedBy<Guid>;

    public sealed class OrderState : SagaStateMachineInstance
    {
        public Guid CorrelationId { get; set; }
        public string CurrentState { get; set; } = "";
        public Guid? OverdueToken { get; set; }
    }

    public sealed class OrderStateMachine : MassTransitStateMachine<OrderState>
    {
        public OrderStateMachine()
        {
            InstanceState(x => x.CurrentState);
            Schedule(() => Overdue, x => x.OverdueToken, x => x.Delay = TimeSpan.FromSeconds(1));

            Initially(When(Started)
                .Schedule(Overdue, x => new OrderOverdue(x.Saga.CorrelationId))
                .TransitionTo(Waiting));
            During(Waiting, When(Overdue.Received)
                .Publish(x => new OrderDone(x.Saga.CorrelationId))
                .Finalize());
        }

        public State Waiting { get; } = null!;
        public Event<OrderStarted> Started { get; } = null!;
        public Schedule<OrderState, OrderOverdue> Overdue { get; } = null!;
    }
}
