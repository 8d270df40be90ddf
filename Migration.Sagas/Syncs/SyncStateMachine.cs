using System.Linq.Expressions;
using MassTransit;
using Migration.Contracts.Syncs;

namespace Migration.Sagas.Syncs;

/// <summary>
/// The life of a change. It does no I/O but on its own row and its lanes; a step never decides what comes next. A second
/// delivery of any event is harmless: the inbox knows the message, and after its clean-up the state and the step number do.
/// </summary>
public sealed class SyncStateMachine : MassTransitStateMachine<Sync>
{
    public SyncStateMachine()
    {
        InstanceState(x => x.State);
        DeclareEvents();

        Initially(
            When(SyncRequested)
                .Describe()
                .EnterLanes()
                .GoOn(this));

        During(Queued,
            When(LaneGranted)
                .IfAsync(x => x.IsGranted(), granted => granted
                    .TakeLane()
                    .EnterLanes()
                    .GoOn(this)));

        During(Grace,
            When(GraceElapsed, x => x.IsCurrent(x.Message.StepNo))
                .AskForPush()
                .TransitionTo(Pushing),
            When(SyncOverdue, x => x.IsStillOverdue())
                .AskForPush()
                .TransitionTo(Pushing));

        During(Pushing,
            When(ChangePushed)
                .IfElse(x => x.IsExpected(x.Message.StepNo, x.Message.StepToken),
                    expected => expected.Accept().GoOnFrom(this),
                    late => late.KeepLateResult()),
            When(StepFailed, x => x.IsExpected(x.Message.StepNo, stepToken: null))
                .EndFailed()
                .TransitionTo(Failed),
            When(SyncOverdue, x => x.IsStillOverdue())
                .IfAsync(x => x.LeaseHasRunOut(), over => over
                    .IfElseAsync(x => x.HasReported(),
                        unheard => unheard.HearItsReport(),
                        silent => silent.DoubtWhatWasBegun()
                            .IfElse(x => x.MayTryAgain(),
                                again => again.AskForPush(),
                                never => never.EndOverdue().TransitionTo(Failed)))));

        During(WritingMapping,
            When(MappingWritten, x => x.IsCurrent(x.Message.StepNo))
                .Tell(x => x.Events)
                .SettleKnownTarget()
                .SettleDoubt()
                .WakeChildren()
                .End()
                .TransitionTo(Completed),
            When(MappingDuplicate, x => x.IsCurrent(x.Message.StepNo))
                .Tell(x => x.Events)
                .RememberSurvivor()
                .IfElse(x => x.MayCompensate(),
                    ours => ours.AskForCompensation().TransitionTo(Compensating),
                    other => other.EndUndecided(x => x.IsSameRecord ? "another record of DPS is mapped, and ours is not proved to be our own" : "our record of DPS is mapped to another record of NOMIS")
                        .TransitionTo(NeedsOperator)),
            When(StepFailed, x => x.IsExpected(x.Message.StepNo, stepToken: null))
                .KeepKnownTarget()
                .EndFailed()
                .TransitionTo(Failed),
            When(SyncOverdue, x => x.IsStillOverdue())
                .IfElse(x => x.MayTryAgain(),
                    again => again.AskForMapping(),
                    never => never.KeepKnownTarget().EndOverdue().TransitionTo(Failed)));

        During(Compensating,
            When(DuplicateCompensated)
                .IfElse(x => x.IsExpected(x.Message.StepNo, x.Message.StepToken),
                    expected => expected.SettleStray().SettleKnownTarget().SettleDoubt().End().TransitionTo(Compensated),
                    late => late.DoubtSurvivor()),
            When(CompensationRefused, x => x.IsExpected(x.Message.StepNo, x.Message.StepToken))
                .EndUndecided(x => x.Reason)
                .TransitionTo(NeedsOperator),
            When(StepFailed, x => x.IsExpected(x.Message.StepNo, stepToken: null))
                .EndUndecided(x => x.Reason)
                .TransitionTo(NeedsOperator),
            When(SyncOverdue, x => x.IsStillOverdue())
                .IfAsync(x => x.LeaseHasRunOut(), over => over
                    .DoubtWhatWasBegun()
                    .IfElse(x => x.MayTryAgain(),
                        again => again.AskForCompensation(),
                        never => never.EndUndecided(_ => "the compensation did not report").TransitionTo(NeedsOperator))));

        During(AwaitingRecords,
            When(RecordEnded)
                .IfAsync(x => x.AllRecordsHaveEnded(), x => x.EndWithRecords(this)),
            When(SyncOverdue, x => x.IsStillOverdue())
                .IfElseAsync(x => x.AllRecordsHaveEnded(),
                    done => done.EndWithRecords(this),
                    going => going.IfElseAsync(x => x.HasLostRecords(),
                        lost => lost.IfElse(x => x.MayTryAgain(),
                            again => again.AskForPush().TransitionTo(Pushing),
                            never => never.EndOverdue().TransitionTo(Failed)),
                        slow => slow.LookAtRecordsLater())));

        During(AwaitingParent,
            When(ParentMapped, x => x.Message.Parent == x.Saga.Parent)
                .EnterLanes()
                .GoOn(this),
            When(SyncOverdue, x => x.IsStillOverdue())
                .IfElseAsync(x => x.HasPatience(),
                    again => again.EnterLanes().GoOn(this),
                    never => never.EndOverdue().TransitionTo(Failed)));

        During(Failed, NeedsOperator,
            When(RetrySync)
                .BeginAgain()
                .EnterLanes()
                .GoOn(this));

        // What comes late is looked at in every state: it may have made or changed something in DPS. Pushing, where it may be in
        // time, sees to it itself: a filter of a second handler would be asked after the first has moved the saga on. So does Compensating.
        During(Except(Pushing),
            When(ChangePushed)
                .KeepLateResult());
        During(Except(Compensating),
            When(DuplicateCompensated)
                .DoubtSurvivor());
        During(EndedStates,
            When(LaneGranted)
                .LeaveLanes());

        IgnoreWhatSaysNothingNew();
    }

    public State Queued { get; } = null!;
    public State Grace { get; } = null!;
    public State Pushing { get; } = null!;
    public State WritingMapping { get; } = null!;
    public State Compensating { get; } = null!;
    public State AwaitingRecords { get; } = null!;
    public State AwaitingParent { get; } = null!;
    public State Completed { get; } = null!;
    public State Ignored { get; } = null!;
    public State Superseded { get; } = null!;
    public State Compensated { get; } = null!;
    public State NeedsOperator { get; } = null!;
    public State Failed { get; } = null!;

    public Event<SyncRequested> SyncRequested { get; } = null!;
    public Event<LaneGranted> LaneGranted { get; } = null!;
    public Event<GraceElapsed> GraceElapsed { get; } = null!;
    public Event<ChangePushed> ChangePushed { get; } = null!;
    public Event<StepFailed> StepFailed { get; } = null!;
    public Event<MappingWritten> MappingWritten { get; } = null!;
    public Event<MappingDuplicate> MappingDuplicate { get; } = null!;
    public Event<DuplicateCompensated> DuplicateCompensated { get; } = null!;
    public Event<CompensationRefused> CompensationRefused { get; } = null!;
    public Event<SyncOverdue> SyncOverdue { get; } = null!;
    public Event<ParentMapped> ParentMapped { get; } = null!;
    public Event<RecordEnded> RecordEnded { get; } = null!;
    public Event<RetrySync> RetrySync { get; } = null!;

    State[] EndedStates => [Completed, Ignored, Superseded, Compensated, NeedsOperator, Failed];

    State[] AllStates => [Queued, Grace, Pushing, WritingMapping, Compensating, AwaitingRecords, AwaitingParent, .. EndedStates];

    void IgnoreWhatSaysNothingNew()
    {
        During(AllStates, Ignore(SyncRequested));
        During(Except([Queued, .. EndedStates]), Ignore(LaneGranted));
        During(Except(Grace), Ignore(GraceElapsed));
        During([Grace], Ignore(GraceElapsed, x => !x.IsCurrent(x.Message.StepNo)));
        During(Except(Pushing, WritingMapping, Compensating), Ignore(StepFailed));
        During([Pushing, WritingMapping, Compensating], Ignore(StepFailed, x => !x.IsExpected(x.Message.StepNo, stepToken: null)));
        During(Except(WritingMapping), Ignore(MappingWritten), Ignore(MappingDuplicate));
        During([WritingMapping], Ignore(MappingWritten, x => !x.IsCurrent(x.Message.StepNo)), Ignore(MappingDuplicate, x => !x.IsCurrent(x.Message.StepNo)));
        During(Except(Compensating), Ignore(CompensationRefused));
        During([Compensating], Ignore(CompensationRefused, x => !x.IsExpected(x.Message.StepNo, x.Message.StepToken)));
        During([Queued, .. EndedStates], Ignore(SyncOverdue));
        During(Except([Queued, .. EndedStates]), Ignore(SyncOverdue, x => !x.IsStillOverdue()));
        During(Except(AwaitingParent), Ignore(ParentMapped));
        During([AwaitingParent], Ignore(ParentMapped, x => x.Message.Parent != x.Saga.Parent));
        During(Except(AwaitingRecords), Ignore(RecordEnded));
        During(Except(Failed, NeedsOperator), Ignore(RetrySync));
    }

    State[] Except(params State[] states) => [.. AllStates.Except(states)];

    void DeclareEvents()
    {
        Event(() => SyncRequested, x => x.CorrelateById(m => m.Message.CorrelationId));
        Declare(() => LaneGranted, x => x.CorrelationId);
        Declare(() => GraceElapsed, x => x.CorrelationId);
        Declare(() => ChangePushed, x => x.CorrelationId);
        Declare(() => StepFailed, x => x.CorrelationId);
        Declare(() => MappingWritten, x => x.CorrelationId);
        Declare(() => MappingDuplicate, x => x.CorrelationId);
        Declare(() => DuplicateCompensated, x => x.CorrelationId);
        Declare(() => CompensationRefused, x => x.CorrelationId);
        Declare(() => SyncOverdue, x => x.CorrelationId);
        Declare(() => ParentMapped, x => x.CorrelationId);
        Declare(() => RecordEnded, x => x.CorrelationId);
        Declare(() => RetrySync, x => x.CorrelationId);
    }

    // A message without its row has nothing to say any more: rows of ended syncs are kept longer than any message lives.
    void Declare<T>(Expression<Func<Event<T>>> declared, Func<T, Guid> correlationId) where T : class =>
        Event(declared, x => x.CorrelateById(m => correlationId(m.Message)).OnMissingInstance(m => m.Discard()));
}
