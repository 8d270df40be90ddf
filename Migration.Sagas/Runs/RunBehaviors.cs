using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Notices;
using Migration.Sagas.Persistence;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Runs;

/// <summary>
/// The behaviours that the run's state machine is made of. SQL runs on the saga's own connection, in its transaction;
/// messages leave through its outbox.
/// </summary>
static class RunBehaviors
{
    public static bool IsDue(this BehaviorContext<Run, CheckProgress> context) => context.Message.CheckNo == context.Saga.CheckNo;

    public static EventActivityBinder<Run, T> AskForCount<T>(this EventActivityBinder<Run, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            var run = context.Saga;
            await context.ExpectCheckAsync(TimeSpan.FromMinutes(2));
            await context.Send(QueueNames.Address(QueueNames.Counts), new EstimateCount(run.CorrelationId, run.RunId, run.Domain));
        });

    public static EventActivityBinder<Run, CountEstimated> OpenFirstPages(this EventActivityBinder<Run, CountEstimated> binder) => binder
        .ThenAsync(async context =>
        {
            context.Saga.EstimatedCount = context.Message.Count;
            await context.OpenPagesAsync(context.Message.FirstPages);
            await context.ExpectCheckAsync(context.Message.FirstPages.Count == 0 ? TimeSpan.Zero : context.Options().CheckEvery);
        });

    public static EventActivityBinder<Run, CountFailed> EndFailed(this EventActivityBinder<Run, CountFailed> binder) => binder
        .ThenAsync(async context =>
        {
            context.Saga.FailureReason = context.Saga.StateReason = context.Message.Reason;
            context.Saga.FailureStatus = context.Message.UpstreamStatus;
            await context.EndAsync();
        });

    /// <summary>Records that were made while the run read its pages stand on the last one: it is read once more.</summary>
    public static EventActivityBinder<Run, T> LookOnceMoreWhenPagesAreReported<T>(this EventActivityBinder<Run, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            if (!await context.PagesAreReported())
                return;
            if (await context.LastLookAsync() is { } page)
                await context.OpenPagesAsync([page]);
        });

    /// <summary>Every page is reported, and the last look was one of them: pages may have been reported since it was asked whether it is due.</summary>
    public static async Task<bool> EverythingIsRead<T>(this BehaviorContext<Run, T> context) where T : class =>
        await context.PagesAreReported() && await context.LastLookAsync() is null;

    static async Task<string?> LastLookAsync<T>(this BehaviorContext<Run, T> context) where T : class => context.Domain().Discovery.LastLook(
        await context.Database().QueryAsync<string>($"select page_key from migration.run_pages where run_id = {context.Saga.RunId}"));

    public static Task<bool> PagesAreReported<T>(this BehaviorContext<Run, T> context) where T : class => context.IsNoneAsync(
        $"select 1 from migration.run_pages where run_id = {context.Saga.RunId} and state = 'Open'");

    // Counters say when to look; what is true is read from the rows, in a statement of its own.
    public static async Task<bool> NothingIsOpen<T>(this BehaviorContext<Run, T> context) where T : class =>
        await context.PagesAreReported()
        && await context.IsNoneAsync(
            $"select 1 from migration.ledger where run_id = {context.Saga.RunId} and state in ('Pending', 'Claimed', 'MappingPending')");

    /// <summary>To be asked under the closed gate: claims that were granted before it closed are seen, none is granted after.</summary>
    public static Task<bool> NothingIsInHand<T>(this BehaviorContext<Run, T> context) where T : class => context.IsNoneAsync(
        $"select 1 from migration.ledger where run_id = {context.Saga.RunId} and state in ('Claimed', 'MappingPending')");

    public static Task<bool> NoOtherRunIsActive<T>(this BehaviorContext<Run, T> context) where T : class => context.IsNoneAsync(
        $"""
         select 1 from migration.runs where domain = {context.Saga.Domain} and run_id <> {context.Saga.RunId}
         and state in ('Requested', 'Estimating', 'Paging', 'Migrating', 'Cancelling')
         """);

    public static async Task<bool> HasPages<T>(this BehaviorContext<Run, T> context) where T : class =>
        !await context.IsNoneAsync($"select 1 from migration.run_pages where run_id = {context.Saga.RunId}");

    /// <summary>Waits for the claim statements that are under way; none begins before this transaction has ended.</summary>
    public static EventActivityBinder<Run, T> CloseRunGate<T>(this EventActivityBinder<Run, T> binder) where T : class => binder
        .ThenAsync(context => context.Database().ExecuteAsync(
            $"select pg_advisory_xact_lock(migration.run_gate({context.Saga.RunId}))"));

    public static EventActivityBinder<Run, T> NameWhoAsked<T>(this EventActivityBinder<Run, T> binder, Func<T, string> who) where T : class => binder
        .Then(context => context.Saga.StateChangedBy = who(context.Message));

    /// <summary>Open pages and rows go out again; ended rows are not touched.</summary>
    public static EventActivityBinder<Run, ResumeRun> Reopen(this EventActivityBinder<Run, ResumeRun> binder) => binder
        .ThenAsync(async context =>
        {
            var run = context.Saga;
            (run.EndedAt, run.FailureReason, run.FailureStatus, run.StateReason) = (null, null, null, "resumed");
            await context.Database().ExecuteAsync(
                $"""
                 update migration.runs set resumed_at = clock_timestamp(),
                   ended_before_resume = (select coalesce(sum(n), 0) from migration.run_counters where run_id = {run.RunId} and state not in ('Pending', 'Claimed', 'MappingPending'))
                 where run_id = {run.RunId}
                 """);
            await context.Database().ExecuteAsync(
                $"update migration.run_pages set sent_at = null, changed_at = clock_timestamp() - interval '1 hour' where run_id = {run.RunId} and state = 'Open'");
            await context.Database().ExecuteAsync(
                $"""
                 with open as (select run_id, key from migration.ledger where run_id = {run.RunId} and state in ('Pending', 'MappingPending') order by run_id, key for no key update)
                 update migration.ledger l set sent_at = null, changed_at = clock_timestamp() - interval '1 hour' from open o where l.run_id = o.run_id and l.key = o.key
                 """);
        });

    public static EventActivityBinder<Run, T> CheckNow<T>(this EventActivityBinder<Run, T> binder) where T : class => binder
        .ThenAsync(context => context.ExpectCheckAsync(TimeSpan.Zero));

    public static EventActivityBinder<Run, T> CheckLater<T>(this EventActivityBinder<Run, T> binder) where T : class => binder
        .ThenAsync(context => context.ExpectCheckAsync(context.Saga.State == RunState.Cancelling ? TimeSpan.FromSeconds(1) : context.Options().CheckEvery));

    public static EventActivityBinder<Run, CountEstimated> ReportStarted(this EventActivityBinder<Run, CountEstimated> binder) => binder
        .ThenAsync(async context =>
        {
            var run = context.Saga;
            using var filter = JsonDocument.Parse(run.Filter);
            await context.TellAsync("started",
                [("migrationId", run.RunId), ("estimatedCount", Text(run.EstimatedCount)), .. context.Domain().DescribeFilter(filter.RootElement)]);
        });

    public static EventActivityBinder<Run, T> EndCompleted<T>(this EventActivityBinder<Run, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            await context.EndAsync();
            var run = context.Saga;
            await context.TellAsync("completed",
                [("migrationId", run.RunId), ("estimatedCount", Text(run.EstimatedCount)), ("durationMinutes", run.DurationMinutes()), ("properties", "{}")]);
        });

    public static EventActivityBinder<Run, T> EndCancelled<T>(this EventActivityBinder<Run, T> binder) where T : class => binder
        .ThenAsync(async context =>
        {
            await context.EndAsync();
            var run = context.Saga;
            await context.TellAsync("cancelled",
                [("migrationId", run.RunId), ("estimatedCount", Text(run.EstimatedCount)), ("durationMinutes", run.DurationMinutes())]);
        });

    /// <summary>Whole minutes since the start, by the start time and not by the id: an id may have moved by a second, or name a local hour twice.</summary>
    public static string DurationMinutes(this Run run) =>
        ((long)((run.EndedAt ?? DateTimeOffset.UtcNow) - run.StartedAt).TotalMinutes).ToString(CultureInfo.InvariantCulture);

    // Only the first page is sent from here: whoever reads it sends the others, in tens. Were that message lost or its reader to
    // die, the sweeper sends them.
    static async Task OpenPagesAsync<T>(this BehaviorContext<Run, T> context, IReadOnlyList<string> pageKeys) where T : class
    {
        if (pageKeys.Count == 0)
            return;
        var (run, first) = (context.Saga, pageKeys[0]);
        await context.Database().ExecuteAsync(
            $"""
             insert into migration.run_pages (run_id, page_key, sent_at)
             select {run.RunId}, k, case when k = {first} then clock_timestamp() end from unnest({pageKeys.ToArray()}) k order by k
             on conflict (run_id, page_key) do nothing
             """);
        await context.Send(QueueNames.Address(QueueNames.Pages(run.Domain)), new FetchPage(run.CorrelationId, run.RunId, run.Domain, first));
    }

    static Task TellAsync<T>(this BehaviorContext<Run, T> context, string what, (string Name, string? Value)[] properties) where T : class =>
        context.Send(QueueNames.Address(QueueNames.Notices),
            new TelemetryNotice(TelemetryEvent.Of($"{context.Domain().TelemetryName}-migration-{what}", properties)));

    // The next check has a new number, by which timers of earlier ones are recognised as late. Time is the database's.
    static async Task ExpectCheckAsync<T>(this BehaviorContext<Run, T> context, TimeSpan delay) where T : class
    {
        context.Saga.CheckNo++;
        context.Saga.NextCheckAt = await context.NowAsync() + delay;
    }

    static async Task EndAsync<T>(this BehaviorContext<Run, T> context) where T : class
    {
        context.Saga.CheckNo++;
        context.Saga.NextCheckAt = null;
        context.Saga.EndedAt = await context.NowAsync();
    }

    static Task<DateTimeOffset> NowAsync<T>(this BehaviorContext<Run, T> context) where T : class =>
        context.Service<DatabaseTime>().NowAsync();

    static Task<bool> IsNoneAsync<T>(this BehaviorContext<Run, T> context, FormattableString some) where T : class =>
        context.Database().ValueAsync<bool>(FormattableStringFactory.Create($"select not exists ({some.Format})", some.GetArguments()));

    static MigrationDbContext Database<T>(this BehaviorContext<Run, T> context) where T : class => context.Service<MigrationDbContext>();

    static IMigrationDomain Domain<T>(this BehaviorContext<Run, T> context) where T : class => context.Service<DomainRegistry>()[context.Saga.Domain];

    static EngineOptions Options<T>(this BehaviorContext<Run, T> context) where T : class => context.Service<IOptions<EngineOptions>>().Value;

    // The scope of the message: the same DbContext that loaded the saga and that holds its transaction.
    static TService Service<TService>(this PipeContext context) where TService : notnull =>
        context.GetPayload<IServiceProvider>().GetRequiredService<TService>();

    static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
