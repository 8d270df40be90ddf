using System.Text.Json;
using MassTransit;
using Migration.Contracts.Syncs;
using Migration.Sagas.Notices;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Sagas.Syncs.Lanes;

namespace Migration.Sagas.Syncs;

/// <summary>
/// The behaviours that the sync's state machine is made of. SQL runs on the saga's own connection, in its transaction;
/// messages leave through its outbox.
/// </summary>
static class SyncBehaviors
{
    /// <summary>The result of the step, or the timer of the wait, that is expected; any other is late.</summary>
    public static bool IsCurrent(this BehaviorContext<Sync> context, int stepNo) => context.Saga.StepNo == stepNo;

    /// <summary>Whether the poke is of the step that is expected, and no delivery has begun to change the target since.</summary>
    public static bool IsStillOverdue(this BehaviorContext<Sync, SyncOverdue> context) =>
        context.IsCurrent(context.Message.StepNo) && context.Saga.StepToken == context.Message.StepToken;

    /// <summary>
    /// Whether the delivery that has begun may call no more. It may have been given more time since it was found overdue; it calls
    /// while more than the reserve of its lease is left.
    /// </summary>
    public static async Task<bool> LeaseHasRunOut(this BehaviorContext<Sync, SyncOverdue> context)
    {
        var sync = context.Saga;
        return sync.StepToken is null || sync.DueAt <= await context.NowAsync() + context.Options().LeaseReserve;
    }

    /// <summary>Whether what the step created is on record, and only the saga has not heard of it.</summary>
    public static async Task<bool> HasReported(this BehaviorContext<Sync, SyncOverdue> context) => await context.FindReportAsync() is not null;

    /// <summary>The report is sent once more: it may have been lost, or waits. A doubled one finds the sync further on.</summary>
    public static EventActivityBinder<Sync, SyncOverdue> HearItsReport(this EventActivityBinder<Sync, SyncOverdue> binder) => binder
        .ThenAsync(async context =>
        {
            var sync = context.Saga;
            sync.DueAt = await context.NowAsync() + context.Patience();
            sync.Pokes++;
            await context.SendToSyncs((await context.FindReportAsync())!); // asked by the caller
        });

    static async Task<ChangePushed?> FindReportAsync(this BehaviorContext<Sync, SyncOverdue> context)
    {
        var sync = context.Saga;
        var kept = await context.Database().QueryAsync<string>($"select step_report from migration.syncs where correlation_id = {sync.CorrelationId} and step_report is not null");
        // One of an earlier step stays where it is.
        return kept.Select(x => JsonSerializer.Deserialize<ChangePushed>(x)).SingleOrDefault(x => sync.StepToken is not null && context.IsExpected(x!.StepNo, x.StepToken)); // as StepRows writes it
    }

    /// <summary>
    /// Whether a result is of the step that is expected, and of the delivery that holds it. Another delivery of the same step, which
    /// saw that there was nothing to do, must not end it while the one that has begun may still create a record.
    /// </summary>
    public static bool IsExpected(this BehaviorContext<Sync> context, int stepNo, Guid? stepToken) =>
        context.IsCurrent(stepNo) && context.Saga.StepToken == stepToken;

    public static EventActivityBinder<Sync, SyncRequested> Describe(this EventActivityBinder<Sync, SyncRequested> binder) => binder
        .ThenAsync(async context =>
        {
            var (sync, message, change) = (context.Saga, context.Message, context.Message.Change);
            (sync.Domain, sync.Entity, sync.Key, sync.Mode, sync.Action) = (message.Domain, change.Entity, change.Key, change.Mode, change.Action);
            (sync.BroadId, sync.StateChangedBy, sync.CreatedTargetId) = (message.BroadId, message.RequestedBy, message.TargetId);
            sync.Lanes = [.. change.Lanes];
            sync.Properties = JsonSerializer.Serialize(change.Properties);
            sync.ReceivedAt = await context.NowAsync();
            sync.GraceUntil = change.Grace is { } grace && grace > TimeSpan.Zero ? sync.ReceivedAt + grace : null;
        });

    /// <summary>Takes the wanted lanes one by one, in their order, until one is busy. What is held already stays held.</summary>
    public static EventActivityBinder<Sync, T> EnterLanes<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            var sync = context.Saga;
            var lanes = context.Lanes();
            sync.DueAt = null;
            while (!sync.HoldsAllLanes)
            {
                var entry = await lanes.EnterAsync(sync, sync.Lanes[sync.LanesHeld], context.CancellationToken);
                if (!entry.IsMine)
                {
                    sync.AbsorbedBy = entry.AbsorbedBy;
                    return;
                }
                sync.LanesHeld++;
            }
            if (sync.GraceUntil is { } until && until <= await context.NowAsync())
                await context.EndGraceAsync(); // it has passed while the sync waited
        });

    /// <summary>Whether the grant is of this stay, and of the lane that is waited for.</summary>
    public static async Task<bool> IsGranted(this BehaviorContext<Sync, LaneGranted> context)
    {
        var (sync, message) = (context.Saga, context.Message);
        return !sync.HoldsAllLanes && sync.Lanes[sync.LanesHeld] == message.Lane
            && await context.Lanes().HoldsAsync(sync, message.Lane, message.Epoch, context.CancellationToken);
    }

    public static EventActivityBinder<Sync, LaneGranted> TakeLane(this EventActivityBinder<Sync, LaneGranted> binder) => binder
        .Then(context => context.Saga.LanesHeld++);

    public static EventActivityBinder<Sync, LaneGranted> LeaveLanes(this EventActivityBinder<Sync, LaneGranted> binder) => binder
        .ThenAsync(context => context.LeaveAllAsync());

    /// <summary>After the lanes were asked for: covered, waiting, in grace, or at work.</summary>
    public static EventActivityBinder<Sync, T> GoOn<T>(this EventActivityBinder<Sync, T> binder, SyncStateMachine machine) where T : class => binder
        .If(x => x.Saga.AbsorbedBy is not null, x => x
            .End()
            .TransitionTo(machine.Superseded))
        .If(x => x.Saga.AbsorbedBy is null && !x.Saga.HoldsAllLanes, x => x
            .TransitionTo(machine.Queued))
        .If(x => x.IsReady() && x.Saga.GraceUntil is not null, x => x
            .AwaitGrace()
            .TransitionTo(machine.Grace))
        .If(x => x.IsReady() && x.Saga is { GraceUntil: null, Mode: not SyncMode.Compensate }, x => x
            .AskForPush()
            .TransitionTo(machine.Pushing))
        .If(x => x.IsReady() && x.Saga is { GraceUntil: null, Mode: SyncMode.Compensate }, x => x
            .AskForCompensation()
            .TransitionTo(machine.Compensating));

    static bool IsReady(this BehaviorContext<Sync> context) => context.Saga is { AbsorbedBy: null, HoldsAllLanes: true };

    public static EventActivityBinder<Sync, T> AwaitGrace<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            var sync = context.Saga;
            var until = sync.GraceUntil!.Value; // asked by the caller
            sync.StepNo++;
            sync.DueAt = until + TimeSpan.FromSeconds(30); // the timer may be lost
            var delay = until - await context.NowAsync();
            await context.Send(QueueNames.Address(SyncQueues.Syncs), new GraceElapsed(sync.CorrelationId, sync.StepNo), x => x.Delay = delay);
        });

    /// <summary>Closes the lanes to what could still be covered, and asks for the push: NOMIS is read after this commit.</summary>
    public static EventActivityBinder<Sync, T> AskForPush<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            var sync = context.Saga;
            await context.EndGraceAsync();
            sync.BegunAt = await context.NextStepAsync();
            await context.Send(QueueNames.Address(SyncQueues.Pushes(sync.Domain)), new PushChange(sync.CorrelationId, sync.Domain, sync.StepNo));
        });

    /// <summary>Lanes of a change without grace are closed from the first.</summary>
    static async Task EndGraceAsync(this BehaviorContext<Sync> context)
    {
        if (context.Saga.GraceUntil is null)
            return;
        context.Saga.GraceUntil = null;
        await context.Lanes().CloseAsync(context.Saga, context.CancellationToken);
    }

    public static EventActivityBinder<Sync, T> AskForMapping<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            var sync = context.Saga;
            await context.NextStepAsync();
            await context.Send(QueueNames.Address(SyncQueues.Mappings(sync.Domain)), new WriteSyncMapping(sync.CorrelationId, sync.Domain, sync.StepNo));
        });

    public static EventActivityBinder<Sync, T> AskForCompensation<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            var sync = context.Saga;
            await context.NextStepAsync();
            await context.Send(QueueNames.Address(SyncQueues.Mappings(sync.Domain)), new CompensateDuplicate(sync.CorrelationId, sync.Domain, sync.StepNo));
        });

    /// <summary>A retry starts with nothing held and nothing tried; what is known of the record waits in <c>ambiguous</c>.</summary>
    public static EventActivityBinder<Sync, RetrySync> BeginAgain(this EventActivityBinder<Sync, RetrySync> binder) => binder
        .Then(context =>
        {
            var sync = context.Saga;
            (sync.LanesHeld, sync.Attempts, sync.Pokes, sync.GraceUntil, sync.AbsorbedBy, sync.EndedAt) = (0, 0, 0, null, null, null);
            (sync.Error, sync.Fingerprint, sync.Parent) = (null, null, null);
            if (sync.Mode != SyncMode.Compensate)
                (sync.CreatedTargetId, sync.IsCreationProved, sync.ExistingTargetId) = (null, false, null);
            (sync.StateReason, sync.StateChangedBy) = ("retried", context.Message.RequestedBy);
        });

    /// <summary>Each time it is asked for again it is given twice as long: a long backlog must not be doubled by impatience.</summary>
    static async Task<DateTimeOffset> NextStepAsync(this BehaviorContext<Sync> context)
    {
        var sync = context.Saga;
        var now = await context.NowAsync();
        (sync.StepNo, sync.StepToken, sync.StepKind) = (sync.StepNo + 1, null, null);
        sync.DueAt = now + context.Patience();
        return now;
    }

    internal static TimeSpan Patience(this BehaviorContext<Sync> context) => context.Options().Overdue * Math.Pow(2, Math.Min(context.Saga.Pokes, 8));

    internal static async Task LeaveAllAsync(this BehaviorContext<Sync> context)
    {
        var sync = context.Saga;
        sync.LanesHeld = 0;
        foreach (var granted in await context.Lanes().LeaveAsync(sync, context.CancellationToken))
            await context.SendToSyncs(granted);
    }

    internal static Task SendToSyncs<T>(this BehaviorContext<Sync> context, T message) where T : class =>
        context.GetPayload<ConsumeContext>().Send(QueueNames.Address(SyncQueues.Syncs), message);

    internal static async Task TellAsync(this BehaviorContext<Sync> context, IEnumerable<TelemetryEvent> events)
    {
        foreach (var telemetryEvent in events)
            await context.GetPayload<ConsumeContext>().Send(QueueNames.Address(QueueNames.Notices), new TelemetryNotice(telemetryEvent));
    }

    internal static Task<DateTimeOffset> NowAsync(this BehaviorContext<Sync> context) =>
        context.Service<DatabaseTime>().NowAsync();
}
