using System.Linq.Expressions;
using MassTransit;
using Migration.Contracts.Runs;

namespace Migration.Sagas.Runs;

/// <summary>
/// The life of a run. It does no I/O but on its own rows; a step never decides what comes next. A second delivery of any
/// event is harmless: the inbox knows the message, and after its clean-up the state, the page rows and the check number do.
/// </summary>
public sealed class RunStateMachine : MassTransitStateMachine<Run>
{
    public RunStateMachine()
    {
        InstanceState(x => x.State);
        DeclareEvents();

        During(Requested,
            When(StartRun)
                .AskForCount()
                .TransitionTo(Estimating));

        During(Requested, Estimating,
            When(CountEstimated)
                .OpenFirstPages()
                .ReportStarted()
                .TransitionTo(Paging),
            When(CountFailed)
                .EndFailed()
                .TransitionTo(Failed),
            When(CheckProgress, x => x.IsDue())
                .AskForCount()
                .TransitionTo(Estimating));

        During(Paging,
            When(PageFetched)
                .LookOnceMoreWhenPagesAreReported()
                .IfAsync(x => x.EverythingIsRead(), x => x.CheckNow().TransitionTo(Migrating)),
            When(CheckProgress, x => x.IsDue())
                .CheckLater()
                .LookOnceMoreWhenPagesAreReported()
                .IfAsync(x => x.EverythingIsRead(), x => x.CheckNow().TransitionTo(Migrating)));

        During(Migrating,
            When(CheckProgress, x => x.IsDue())
                .IfElseAsync(x => x.NothingIsOpen(),
                    x => x.EndCompleted().TransitionTo(Completed),
                    x => x.CheckLater()));

        During(Requested, Estimating, Paging, Migrating,
            When(CancelRun)
                .CloseRunGate()
                .NameWhoAsked(x => x.RequestedBy)
                .CheckNow()
                .TransitionTo(Cancelling));

        During(Cancelling,
            When(CheckProgress, x => x.IsDue())
                .CloseRunGate()
                .IfElseAsync(x => x.NothingIsInHand(),
                    x => x.EndCancelled().TransitionTo(Cancelled),
                    x => x.CheckLater()));

        During(Cancelled, Failed,
            When(ResumeRun)
                .IfAsync(x => x.NoOtherRunIsActive(), x => x
                    .NameWhoAsked(m => m.RequestedBy)
                    .Reopen()
                    .IfElseAsync(c => c.HasPages(),
                        again => again.CheckNow().TransitionTo(Paging),
                        anew => anew.AskForCount().TransitionTo(Estimating))));

        // What may arrive late, or twice, and says nothing new.
        During(Except(Requested), Ignore(StartRun));
        During(Except(Requested, Estimating), Ignore(CountEstimated), Ignore(CountFailed));
        During(Except(Paging), Ignore(PageFetched));
        During(Except(Cancelled, Failed), Ignore(ResumeRun));
        During(Except(Requested, Estimating, Paging, Migrating), Ignore(CancelRun));
        During([Completed, Cancelled, Failed], Ignore(CheckProgress));
        During(Except(Completed, Cancelled, Failed), Ignore(CheckProgress, x => !x.IsDue()));
    }

    IEnumerable<State> Except(params State[] states) => new[] { Requested, Estimating, Paging, Migrating, Cancelling, Completed, Cancelled, Failed }.Except(states);

    public State Requested { get; } = null!;
    public State Estimating { get; } = null!;
    public State Paging { get; } = null!;
    public State Migrating { get; } = null!;
    public State Cancelling { get; } = null!;
    public State Completed { get; } = null!;
    public State Cancelled { get; } = null!;
    public State Failed { get; } = null!;

    public Event<StartRun> StartRun { get; } = null!;
    public Event<CountEstimated> CountEstimated { get; } = null!;
    public Event<CountFailed> CountFailed { get; } = null!;
    public Event<PageFetched> PageFetched { get; } = null!;
    public Event<CheckProgress> CheckProgress { get; } = null!;
    public Event<CancelRun> CancelRun { get; } = null!;
    public Event<ResumeRun> ResumeRun { get; } = null!;

    void DeclareEvents()
    {
        Declare(() => StartRun, x => x.CorrelationId);
        Declare(() => CountEstimated, x => x.CorrelationId);
        Declare(() => CountFailed, x => x.CorrelationId);
        Declare(() => PageFetched, x => x.CorrelationId);
        Declare(() => CheckProgress, x => x.CorrelationId);
        Declare(() => CancelRun, x => x.CorrelationId);
        Declare(() => ResumeRun, x => x.CorrelationId);
    }

    // A run's row is written by the start request; a message without its row has nothing to say any more.
    void Declare<T>(Expression<Func<Event<T>>> declared, Func<T, Guid> correlationId) where T : class =>
        Event(declared, x => x.CorrelateById(m => correlationId(m.Message)).OnMissingInstance(m => m.Discard()));
}
