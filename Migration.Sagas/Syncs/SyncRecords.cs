using System.Text.Json;
using MassTransit;
using Migration.Contracts.Syncs;
using Migration.Sagas.Persistence;

namespace Migration.Sagas.Syncs;

/// <summary>A change of several records: it asks for a sync of each, and ends with them (docs/adr/0007).</summary>
static class SyncRecords
{
    public static EventActivityBinder<Sync, ChangePushed> AskForRecords(this EventActivityBinder<Sync, ChangePushed> binder) => binder
        .ThenAsync(async context =>
        {
            var sync = context.Saga;
            var step = sync.StepNo++;
            // Ids are made from the step: a doubled result asks for the same syncs again.
            sync.Awaited = [.. context.Message.Records.Select(x => DerivedId.From($"{sync.CorrelationId:N}/{step}/{x.Entity}/{x.Key}"))];
            await context.LookLaterAsync();
            for (var i = 0; i < sync.Awaited.Length; i++)
                await context.SendToSyncs(new SyncRequested(sync.Awaited[i], sync.Domain, context.Message.Records[i], sync.CorrelationId, RequestedBy: sync.StateChangedBy));
            if (sync.Awaited.Length == 0)
                await context.SendToSyncs(new SyncOverdue(sync.CorrelationId, sync.StepNo));
        });

    public static async Task<bool> AllRecordsHaveEnded<T>(this BehaviorContext<Sync, T> context) where T : class =>
        await context.CountRecordsAsync() is { Missing: 0, Going: 0 };

    /// <summary>Whether a record's sync was never taken up, in longer than a backlog is usual to take. One that goes on, however slowly, is left to itself.</summary>
    public static async Task<bool> HasLostRecords(this BehaviorContext<Sync, SyncOverdue> context) =>
        await context.AgeAsync() > context.Patience() && (await context.CountRecordsAsync()).Missing > 0;

    public static EventActivityBinder<Sync, SyncOverdue> LookAtRecordsLater(this EventActivityBinder<Sync, SyncOverdue> binder) => binder
        .ThenAsync(context => context.LookLaterAsync());

    /// <summary>The whole has succeeded when every part has.</summary>
    public static EventActivityBinder<Sync, T> EndWithRecords<T>(this EventActivityBinder<Sync, T> binder, SyncStateMachine machine) where T : class => binder
        .ThenAsync(async context =>
        {
            var sync = context.Saga;
            var failed = (await context.CountRecordsAsync()).Failed;
            sync.StateReason = sync.Fingerprint = failed == 0 ? null : "records failed";
            sync.Error = failed == 0 ? null : $"{failed} of {sync.Awaited.Length} records failed";
            if (failed == 0 && sync.HeldEvents is { } held)
                await context.TellAsync(JsonSerializer.Deserialize<TelemetryEvent[]>(held)!); // written by Accept
            sync.HeldEvents = null;
        })
        .IfElse(x => x.Saga.Error is null,
            done => done.End().TransitionTo(machine.Completed),
            failed => failed.End().TransitionTo(machine.Failed));

    // Nobody tells of the end of a change that covers a record's sync: it may be another event's. It is looked at, more and more seldom.
    static async Task LookLaterAsync(this BehaviorContext<Sync> context) =>
        context.Saga.DueAt = await context.NowAsync() + SyncEndings.LookAfter(await context.AgeAsync());

    static async Task<TimeSpan> AgeAsync(this BehaviorContext<Sync> context) =>
        await context.NowAsync() - (context.Saga.BegunAt ?? context.Saga.ReceivedAt);

    // A part that an older change covers ends as that one does. One that was removed since had ended well.
    static async Task<Records> CountRecordsAsync(this BehaviorContext<Sync> context)
    {
        var awaited = context.Saga.Awaited;
        var counts = await context.Database().QueryAsync(
            $"""
             with recursive part as (
               select correlation_id, state, absorbed_by, true as is_awaited from migration.syncs where correlation_id = any ({awaited})
               union
               select s.correlation_id, s.state, s.absorbed_by, false from part p join migration.syncs s on s.correlation_id = p.absorbed_by where p.state = 'Superseded'
             )
             select count(*) filter (where is_awaited)::int,
                    count(*) filter (where state not in ('Completed', 'Ignored', 'Superseded', 'Compensated', 'NeedsOperator', 'Failed'))::int,
                    count(*) filter (where state in ('NeedsOperator', 'Failed'))::int
             from part
             """,
            x => new Records(awaited.Length - x.GetInt32(0), x.GetInt32(1), x.GetInt32(2)), context.CancellationToken);
        return counts[0]; // an aggregate has one row
    }

    /// <param name="Missing">Never taken up.</param>
    /// <param name="Going">Not ended, or covered by one that has not.</param>
    /// <param name="Failed">Ended as failed or undecided, or covered by one that did.</param>
    sealed record Records(int Missing, int Going, int Failed);
}
