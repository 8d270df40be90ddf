using MassTransit;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;

namespace Migration.Sagas.Syncs;

/// <summary>What a sync leaves behind for whoever comes next: records of unknown end, and records of ours that no mapping names (protocol section 9).</summary>
static class SyncEvidence
{
    /// <summary>A step that had begun to change its target and did not report: what it did is not known.</summary>
    public static EventActivityBinder<Sync, SyncOverdue> DoubtWhatWasBegun(this EventActivityBinder<Sync, SyncOverdue> binder) => binder
        .ThenAsync(async context =>
        {
            if (context.Saga is { StepToken: not null, StepKind: { } kind and not CallKind.Take })
                await context.DoubtAsync(kind, targetId: null);
        });

    /// <summary>The mapping was given up: whoever comes next maps what is there, and creates nothing.</summary>
    public static EventActivityBinder<Sync, T> KeepKnownTarget<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(context => context.DoubtAsync(CallKind.Create, context.Saga.CreatedTargetId));

    /// <summary>A result that nobody waits for any more: the record that it made is listed, content that it may have brought back is looked at again.</summary>
    public static EventActivityBinder<Sync, ChangePushed> KeepLateResult(this EventActivityBinder<Sync, ChangePushed> binder) => binder
        .ThenAsync(async context =>
        {
            var (sync, message) = (context.Saga, context.Message);
            if (message is { Kind: PushKind.Created, IsProved: true, ChangedBy: CallKind.Create, TargetId: { } target } && target != sync.CreatedTargetId)
                await context.KeepStrayAsync(target, "late");
            else if (message.ChangedBy is CallKind.Set or CallKind.Replace)
                await context.DoubtAsync(message.ChangedBy, targetId: null);
        });

    /// <summary>A compensation that nobody waits for any more may have brought older content to the survivor.</summary>
    public static EventActivityBinder<Sync, DuplicateCompensated> DoubtSurvivor(this EventActivityBinder<Sync, DuplicateCompensated> binder) => binder
        .ThenAsync(context => context.DoubtAsync(CallKind.Set, targetId: null));

    /// <summary>What was created is mapped, or removed, now: nobody need adopt it. That another create may have landed stays.</summary>
    public static EventActivityBinder<Sync, T> SettleKnownTarget<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            if (context.Saga is { CreatedTargetId: { } known, Record: var record })
                await context.Database().ExecuteAsync(
                    $"""
                     with settled as (
                       delete from migration.ambiguous where record = {record} and kind = 'create' and target_id = {known} and not unknown
                     )
                     update migration.ambiguous set target_id = null where record = {record} and kind = 'create' and target_id = {known} and unknown
                     """);
        });

    /// <summary>The present state was pushed after the doubtful call could no longer land: the doubt is over, whether this was the look or a change that covers it.</summary>
    public static EventActivityBinder<Sync, T> SettleDoubt<T>(this EventActivityBinder<Sync, T> binder) where T : class => binder
        .ThenAsync(context => context.Database().ExecuteAsync(
            $"delete from migration.ambiguous where record = {context.Saga.Record} and kind <> 'create' and look_after < {context.Saga.BegunAt}"));

    public static EventActivityBinder<Sync, DuplicateCompensated> SettleStray(this EventActivityBinder<Sync, DuplicateCompensated> binder) => binder
        .ThenAsync(context => context.Database().ExecuteAsync(
            $"update migration.strays set state = 'Compensated' where record = {context.Saga.Record} and target_id = {context.Saga.CreatedTargetId}"));

    /// <summary>
    /// The record that the sync made, or was given to map, where another one is mapped for its record of NOMIS. That it is ours need not
    /// be proved to list it: it is removed at an operator's word only, if no mapping names it and the mapped one answers.
    /// </summary>
    internal static async Task KeepDuplicateAsync(this BehaviorContext<Sync> context)
    {
        var sync = context.Saga;
        if (sync.CreatedTargetId is { } ours && ours != sync.ExistingTargetId)
            await context.KeepStrayAsync(ours, sync.IsCreationProved ? "duplicate" : "unproved");
    }

    static Task<int> KeepStrayAsync(this BehaviorContext<Sync> context, string targetId, string reason) => context.Database().ExecuteAsync(
        $"""
         insert into migration.strays (record, target_id, reason, found_by) values ({context.Saga.Record}, {targetId}, {reason}, 'sync')
         on conflict (record, target_id) do nothing
         """);

    // Whoever comes next maps one record: the one that is known already. Another one is listed.
    static Task<int> DoubtAsync(this BehaviorContext<Sync> context, string kind, string? targetId) => context.Database().ExecuteAsync(
        $"""
         with kept as (
           insert into migration.ambiguous (record, kind, look_after, target_id, unknown)
           values ({context.Saga.Record}, {kind}, clock_timestamp() + {context.Service<IOptions<EngineOptions>>().Value.SettleTime}, {targetId}, {targetId is null})
           on conflict (record, kind) do update
             set since = clock_timestamp(), look_after = excluded.look_after, target_id = coalesce(ambiguous.target_id, excluded.target_id),
                 unknown = ambiguous.unknown or excluded.unknown
           returning target_id
         )
         insert into migration.strays (record, target_id, reason, found_by)
         select {context.Saga.Record}, {targetId}::text, 'late', 'sync' from kept where target_id <> {targetId}::text
         on conflict (record, target_id) do nothing
         """);
}
