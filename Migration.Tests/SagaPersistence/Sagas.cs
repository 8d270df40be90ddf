using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Migration.Tests.SagaPersistence;

public sealed record Count(Guid CounterId, int By = 1);

public sealed record Counted(Guid CounterId, int Total);

public sealed record CountLater(Guid CounterId);

public sealed record CountSurely(Guid CounterId);

public sealed record CountAll(int Least);

public sealed record StartRun(string RunId);

public sealed record EndRun(string RunId);

public sealed record JoinRun(string RunId);

public interface IRunEvent
{
    string RunId { get; }
}

public sealed record RunStarted(string RunId) : IRunEvent;

public sealed class Counter : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }
    public string CurrentState { get; set; } = "";
    public int Total { get; set; }
}

public sealed class CounterStateMachine : MassTransitStateMachine<Counter>
{
    public CounterStateMachine()
    {
        InstanceState(x => x.CurrentState);
        Event(() => Count, x => x.CorrelateById(m => m.Message.CounterId));
        Event(() => CountLater, x =>
        {
            x.CorrelateById(m => m.Message.CounterId);
            x.OnMissingInstance(m => m.Discard());
        });
        Event(() => CountSurely, x =>
        {
            x.CorrelateById(m => m.Message.CounterId);
            x.OnMissingInstance(m => m.Fault());
        });
        Event(() => CountAll, x => x.CorrelateBy((counter, m) => counter.Total >= m.Message.Least));
        Initially(When(Count).Add().TransitionTo(Counting));
        During(Counting,
            When(Count).Add(),
            When(CountLater).Then(x => x.Saga.Total += 1000),
            When(CountSurely).Then(x => x.Saga.Total += 1000),
            When(CountAll).Then(x => x.Saga.Total++).WriteTotal().Publish(x => new Counted(x.Saga.CorrelationId, x.Saga.Total)));
    }

    public State Counting { get; private set; } = null!;

    public Event<Count> Count { get; private set; } = null!;

    public Event<CountLater> CountLater { get; private set; } = null!;

    public Event<CountSurely> CountSurely { get; private set; } = null!;

    public Event<CountAll> CountAll { get; private set; } = null!;
}

static class CounterBehaviour
{
    public static EventActivityBinder<Counter, Count> Add(this EventActivityBinder<Counter, Count> binder) => binder
        .Then(x => x.Saga.Total += x.Message.By)
        .Publish(x => new Counted(x.Saga.CorrelationId, x.Saga.Total));

    public static EventActivityBinder<Counter, CountAll> WriteTotal(this EventActivityBinder<Counter, CountAll> binder) => binder
        .ThenAsync(x => x.GetDbContext<CounterDbContext>().Database.ExecuteSqlAsync($"""insert into migration.notes ("Text") values ({$"{x.Saga.Total}"})""", x.CancellationToken));
}

public sealed class Run : SagaStateMachineInstance
{
    public required string RunId { get; set; }
    public Guid CorrelationId { get; set; }
    public string CurrentState { get; set; } = "";
    public int Starts { get; set; }
    public Place Place { get; set; } = new();
    public List<Stop> Stops { get; } = [];
}

/// <summary>Shares the run's row.</summary>
public sealed class Place
{
    public string Prison { get; set; } = "";
}

/// <summary>Has a table of its own.</summary>
public sealed class Stop
{
    public int Number { get; set; }
}

/// <summary>Correlated by a text; SQL of its own in the transaction of the message.</summary>
public sealed class RunStateMachine : MassTransitStateMachine<Run>
{
    public RunStateMachine()
    {
        InstanceState(x => x.CurrentState);
        Event(() => Start, x =>
        {
            x.CorrelateById(m => IdOf(m.Message.RunId));
            x.InsertOnInitial = true;
            x.SetSagaFactory(m => new Run { RunId = m.Message.RunId, CorrelationId = IdOf(m.Message.RunId) });
        });
        Event(() => End, x => x.CorrelateBy(run => run.RunId, m => m.Message.RunId));
        Event(() => Join, x =>
        {
            x.CorrelateBy(run => run.RunId, m => m.Message.RunId);
            x.SelectId(_ => NewId.NextGuid());
            x.SetSagaFactory(m => new Run { RunId = m.Message.RunId, CorrelationId = NewId.NextGuid() });
        });
        Initially(When(Start).WriteNote().Publish(x => new RunStarted(x.Saga.RunId)).TransitionTo(Running), When(Join).Then(x => x.Saga.Start()).TransitionTo(Running));
        During(Running, When(Start).Then(x => x.Saga.Start()), When(Join).Then(x => x.Saga.Start()), When(End).Finalize());
        SetCompletedWhenFinalized();
    }

    public State Running { get; private set; } = null!;

    public Event<StartRun> Start { get; private set; } = null!;

    public Event<EndRun> End { get; private set; } = null!;

    public Event<JoinRun> Join { get; private set; } = null!;

    public static Guid IdOf(string runId) => new(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(runId)).AsSpan(0, 16));
}

static class RunBehaviour
{
    public static void Start(this Run run)
    {
        run.Starts++;
        run.Place.Prison += "x";
        run.Stops.Add(new Stop { Number = run.Starts });
    }

    public static EventActivityBinder<Run, StartRun> WriteNote(this EventActivityBinder<Run, StartRun> binder) => binder
        .Then(x => x.Saga.Start())
        .ThenAsync(x => x.GetDbContext<CounterDbContext>().Database.ExecuteSqlAsync($"""insert into migration.notes ("Text") values ({x.Message.RunId})""", x.CancellationToken));
}
