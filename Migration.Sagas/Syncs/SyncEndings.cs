using System.Text.Json;
using MassTransit;
using Migration.Contracts.Syncs;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;

namespace Migration.Sagas.Syncs;

/// <summary>How steps end, and how a sync does: with its lanes left, its number moved on, and whoever waits for it told.</summary>
static class SyncEndings
{
    const int MaxPokes = 12; // each waits twice as long as the one before: days

    /// <summary>Takes over what the push found out.</summary>
    public static EventActivityBinder<Sync, ChangePushed> Accept(this EventActivityBinder<Sync, ChangePushed> binder) => binder
        .ThenAsync(async context =>
        {
            var (sync, message) = (context.Saga, context.Message);
            (sync.Attempts, sync.StepToken, sync.StepKind) = (0, null, null);
            if (message.Kind != PushKind.Several) // which may be asked for again; that has an end
                sync.Pokes = 0;
            (sync.StateReason, sync.Error, sync.Fingerprint) = (message.Reason, message.Error, message.Fingerprint);
            if (message.TargetId is not null)
                (sync.CreatedTargetId, sync.IsCreationProved) = (message.TargetId, message.IsProved);
            sync.PossibleDuplicate |= message.IsPossibleDuplicate;
            if (message.Kind == PushKind.Several)
                sync.HeldEvents = JsonSerializer.Serialize(message.Events);
            else
                await context.TellAsync(message.Events);
        });

    /// <summary>By what the push found out.</summary>
    public static EventActivityBinder<Sync, ChangePushed> GoOnFrom(this EventActivityBinder<Sync, ChangePushed> binder, SyncStateMachine machine) => binder
        .If(x => x.Message.Kind == PushKind.Done, x => x.SettleKnownTarget().SettleDoubt().WakeChildren().End().TransitionTo(machine.Completed))
        .If(x => x.Message.Kind == PushKind.Ignored, x => x.SettleDoubt().End().TransitionTo(machine.Ignored))
        .If(x => x.Message.Kind == PushKind.Created, x => x.AskForMapping().TransitionTo(machine.WritingMapping))
        .If(x => x.Message.Kind == PushKind.Several, x => x.AskForRecords().TransitionTo(machine.AwaitingRecords))
        .If(x => x.Message.Kind == PushKind.ParentMissing, x => x.AwaitParent().TransitionTo(machine.AwaitingParent))
        .If(x => x.Message.Kind == PushKind.Undecided, x => x.End().TransitionTo(machine.NeedsOperator))
        .If(x => x.Message.Kind == PushKind.Failed, x => x.End().TransitionTo(machine.Failed));

    public static EventActivityBinder<Sync, T> Tell<T>(this EventActivityBinder<Sync, T> binder, Func<T, IEnumerable<TelemetryEvent>> events) where T : class => binder
        .ThenAsync(context => context.TellAsync(events(context.Message)));

    public static EventActivityBinder<Sync, MappingDuplicate> RememberSurvivor(this EventActivityBinder<Sync, MappingDuplicate> binder) => binder
        .Then(context =>
        {
            (context.Saga.Attempts, context.Saga.Pokes) = (0, 0);
            context.Saga.ExistingTargetId = context.Message.ExistingTargetId;
        });

    /// <summary>Ours may go only if this very sync is proved to have made it, and another one stands for the same record (protocol section 9).</summary>
    public static bool MayCompensate(this BehaviorContext<Sync, MappingDuplicate> context) =>
        context.Message.IsSameRecord && context.Saga.IsCreationProved && context.Message.ExistingTargetId != context.Saga.CreatedTargetId;

    /// <summary>A step that had begun and did not report has failed once more; one that still waits in its queue has not.</summary>
    public static bool MayTryAgain<T>(this BehaviorContext<Sync, T> context) where T : class
    {
        var sync = context.Saga;
        if (sync.StepToken is not null)
            sync.Attempts++;
        return sync.Attempts < context.Options().MaxAttempts && ++sync.Pokes <= MaxPokes;
    }

    public static async Task<bool> HasPatience<T>(this BehaviorContext<Sync, T> context) where T : class =>
        await context.NowAsync() - context.Saga.ReceivedAt < context.Options().ParentPatience;

    /// <summary>Its children are told; itself it may be one that waits.</summary>
    public static EventActivityBinder<Sync, T> WakeChildren<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            var record = context.Saga.Record;
            var children = await context.Database().QueryAsync<Guid>(
                $"select correlation_id from migration.syncs where state = 'AwaitingParent' and parent = {record}");
            foreach (var child in children)
                await context.SendToSyncs(new ParentMapped(child, record));
        });

    /// <summary>Leaves its lanes and looks once more at once: the parent may have been mapped between the push's look and this. Then after 1, 10, 60 and 600 s, by its age.</summary>
    public static EventActivityBinder<Sync, ChangePushed> AwaitParent(this EventActivityBinder<Sync, ChangePushed> binder) => binder
        .ThenAsync(async context =>
        {
            var sync = context.Saga;
            var (now, isFirstLook) = (await context.NowAsync(), sync.Parent != context.Message.Parent);
            (sync.Parent, sync.StepNo) = (context.Message.Parent, sync.StepNo + 1);
            sync.DueAt = now + LookAfter(now - sync.ReceivedAt);
            await context.LeaveAllAsync();
            if (isFirstLook)
                await context.SendToSyncs(new SyncOverdue(sync.CorrelationId, sync.StepNo));
        });

    /// <summary>How long one that waits for others waits before it looks at them again.</summary>
    internal static TimeSpan LookAfter(TimeSpan age) => TimeSpan.FromSeconds(age.TotalSeconds switch { < 10 => 1, < 60 => 10, < 600 => 60, _ => 600 });

    /// <summary>The sync is over: a late result finds another number, the next in the lane is granted it.</summary>
    public static EventActivityBinder<Sync, T> End<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(context => context.EndAsync());

    public static EventActivityBinder<Sync, StepFailed> EndFailed(this EventActivityBinder<Sync, StepFailed> binder) => binder
        .ThenAsync(context =>
        {
            var (sync, message) = (context.Saga, context.Message);
            (sync.StateReason, sync.Error, sync.Fingerprint) = (message.Reason, message.Error, message.Fingerprint);
            return context.EndAsync();
        });

    public static EventActivityBinder<Sync, SyncOverdue> EndOverdue(this EventActivityBinder<Sync, SyncOverdue> binder) => binder
        .ThenAsync(context =>
        {
            var sync = context.Saga;
            sync.StateReason = sync.State == SyncState.AwaitingParent ? "no parent" : "did not report";
            sync.Error ??= sync.State == SyncState.AwaitingParent ? $"{sync.Parent} has no mapping" : $"{sync.Attempts} attempts did not report";
            sync.Fingerprint ??= $"sync|-|-|{sync.StateReason}";
            return context.EndAsync();
        });

    /// <summary>A person must decide; the record of ours, if there is one, is listed.</summary>
    public static EventActivityBinder<Sync, T> EndUndecided<T>(this EventActivityBinder<Sync, T> binder, Func<T, string> reason) where T : class => binder
        .ThenAsync(async context =>
        {
            context.Saga.StateReason = reason(context.Message);
            if (context.Message is not MappingDuplicate { IsSameRecord: false }) // that one is alive for another record of NOMIS
                await context.KeepDuplicateAsync();
            await context.EndAsync();
        });

    static async Task EndAsync(this BehaviorContext<Sync> context)
    {
        var sync = context.Saga;
        (sync.StepNo, sync.StepToken, sync.StepKind, sync.DueAt) = (sync.StepNo + 1, null, null, null);
        sync.EndedAt = await context.NowAsync();
        await context.LeaveAllAsync();
        if (sync.BroadId is { } broad)
            await context.SendToSyncs(new RecordEnded(broad, sync.CorrelationId));
    }
}
