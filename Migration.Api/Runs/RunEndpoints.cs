using System.Security.Claims;
using MassTransit;
using Migration.Api.Errors;
using Migration.Api.Security;
using Migration.Contracts;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Notices;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Telemetry;

namespace Migration.Api.Runs;

/// <summary>What operators do with runs of any domain (spec: engine 3.1), with progress, failures and resume added.</summary>
static class RunEndpoints
{
    /// <summary>A saga answers within milliseconds; past this the request does not wait for it.</summary>
    static readonly TimeSpan SagaWait = TimeSpan.FromSeconds(5);

    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var runs = app.MapGroup("/migrate").RequireAuthorization(Roles.Migration).WithTags("Migrations");
        runs.MapPost("/cancel/{migrationId}", CancelAsync).Produces(202).Errors(404).WithName("cancelMigration")
            .WithSummary("Stops a migration. What is in hand ends; what is not begun is not started.");
        runs.MapPost("/resume/{migrationId}", ResumeAsync).Produces(202).Errors(404, 409).WithName("resumeMigration")
            .WithSummary("Lets a cancelled or failed migration go on where it stood.");
        runs.MapPost("/refresh/{migrationId}", RefreshAsync).Produces(204).Errors(400, 404).WithName("refreshMigration")
            .WithSummary("Kept for callers of the former service: counts are always exact here.");
        runs.MapGet("/history/all/{migrationType}", ListAsync).Produces<IReadOnlyList<HistoryView>>().Errors(400).WithName("listMigrations")
            .WithSummary("Migrations of a type, newest first.");
        runs.MapGet("/history/{migrationId}", FindAsync).Produces<HistoryView>().Errors(404).WithName("getMigration")
            .WithSummary("One migration.");
        runs.MapGet("/history/active/{migrationType}", ActiveAsync).Produces<ActiveView>().Errors(400).WithName("getActiveMigration")
            .WithSummary("The newest migration of a type, whatever its state.");
        runs.MapGet("/history/{migrationId}/progress", ProgressAsync).Produces<ProgressView>().Errors(404).WithName("getMigrationProgress")
            .WithSummary("Exact counts by state and reason, rate and time left.");
        runs.MapGet("/history/{migrationId}/failures", FailuresAsync).Produces<FailuresView>().Errors(400, 404).WithName("getMigrationFailures")
            .WithSummary("Records that did not end as migrated, page by page, with reason, attempts and last error.");
        runs.MapPost("/history/{migrationId}/failures/replay", ReplayAsync).Produces<ReplayedView>(202).Errors(404, 409).WithName("replayMigrationFailures")
            .WithSummary("Tries failed records again: all of them, or those with the fingerprint that progress shows.");
    }

    static async Task<IResult> CancelAsync(string migrationId, RunQueries runs, OperatorActions actions, ITelemetry telemetry,
        DomainRegistry domains, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var run = await RequireAsync(runs, migrationId, cancellationToken);
        var who = user.Who();
        await actions.CommitAsync(who, async (_, sender) =>
        {
            var toRuns = await sender.GetSendEndpoint(QueueNames.Address(QueueNames.Runs));
            await toRuns.Send(new CancelRun(run.CorrelationId, run.RunId, who), cancellationToken);
            return new Audited("MIGRATION_CANCEL_REQUESTED", new { migrationType = run.Type.ToString(), migrationId = run.RunId });
        }, cancellationToken);
        telemetry.Track(TelemetryEvent.Of($"{domains.Find(run.Type)!.TelemetryName}-migration-cancel-requested", ("migrationId", run.RunId)));
        await WaitAsync(runs, migrationId, x => !IsGoing(x.State), SagaWait, cancellationToken);
        return Results.Accepted();
    }

    static async Task<IResult> ResumeAsync(string migrationId, RunQueries runs, IBus bus, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var run = await RequireAsync(runs, migrationId, cancellationToken);
        if (run.State is not (RunState.Cancelled or RunState.Failed))
            throw new ConflictException($"{migrationId} is {run.State}; only a cancelled or failed migration can be resumed");
        var latest = await runs.ListAsync(run.Type, null, null, cancellationToken);
        if (latest.FirstOrDefault(x => RunState.Active.Contains(x.State)) is not null)
            throw new RunInProgressException(run.Type);

        var toRuns = await bus.GetSendEndpoint(QueueNames.Address(QueueNames.Runs));
        await toRuns.Send(new ResumeRun(run.CorrelationId, run.RunId, user.Who()), cancellationToken);
        // It may have ended again by the time it is seen: a count that fails once more takes milliseconds.
        var resumed = await WaitAsync(runs, migrationId, x => x.State is not (RunState.Cancelled or RunState.Failed) || x.EndedAt != run.EndedAt, SagaWait, cancellationToken);
        return resumed is null ? throw new RunInProgressException(run.Type) : Results.Accepted();
    }

    static async Task<IResult> RefreshAsync(string migrationId, RunQueries runs, CancellationToken cancellationToken)
    {
        var run = await RequireAsync(runs, migrationId, cancellationToken);
        return run.State == RunState.Completed
            ? Results.NoContent()
            : throw InvalidRequestException.BadRequest($"{migrationId} is not COMPLETED");
    }

    static async Task<IReadOnlyList<HistoryView>> ListAsync(string migrationType, string? fromDateTime, string? toDateTime, bool? includeOnlyFailures, string? prisonId,
        RunQueries runs, CancellationToken cancellationToken)
    {
        // Both bounds are inclusive to the second, as the times are shown.
        var from = RequestValues.LocalDateTime(fromDateTime, nameof(fromDateTime)) is { } first ? LocalTime.ToInstant(first) : (DateTimeOffset?)null;
        var until = RequestValues.LocalDateTime(toDateTime, nameof(toDateTime)) is { } last ? LocalTime.ToInstant(last.AddSeconds(1)) : (DateTimeOffset?)null;
        var found = await runs.ListAsync(RequestValues.Type(migrationType), from?.ToUniversalTime(), until?.ToUniversalTime(), cancellationToken);
        var views = found.Select(HistoryView.Of);
        if (includeOnlyFailures == true)
            views = views.Where(x => x.RecordsFailed > 0);
        // Only a run whose list is exactly that prison, as callers of the reference know it.
        if (prisonId is { Length: > 0 })
            views = views.Where(x => x.Filter.Contains($"\"prisonIds\":[\"{prisonId}\"]", StringComparison.Ordinal));
        return [.. views];
    }

    static async Task<HistoryView> FindAsync(string migrationId, RunQueries runs, CancellationToken cancellationToken) =>
        HistoryView.Of(await RequireAsync(runs, migrationId, cancellationToken));

    static async Task<ActiveView> ActiveAsync(string migrationType, RunQueries runs, CancellationToken cancellationToken) =>
        ActiveView.Of(await runs.FindLatestAsync(RequestValues.Type(migrationType), cancellationToken));

    static async Task<ProgressView> ProgressAsync(string migrationId, RunQueries runs, RunPace pace, CancellationToken cancellationToken)
    {
        var run = await RequireAsync(runs, migrationId, cancellationToken);
        return ProgressView.Of(run,
            await runs.CountPagesAsync(migrationId, cancellationToken),
            await runs.CountFailuresAsync(migrationId, cancellationToken),
            await runs.CountPossibleDuplicatesAsync(migrationId, cancellationToken),
            pace.Of(run));
    }

    static async Task<FailuresView> FailuresAsync(string migrationId, int? page, int? size, RunQueries runs, CancellationToken cancellationToken)
    {
        var (number, length) = RequestValues.Page(page, size);
        var run = await RequireAsync(runs, migrationId, cancellationToken);
        return new FailuresView(number, length, await runs.ListFailuresAsync(run, number, length, cancellationToken));
    }

    static async Task<IResult> ReplayAsync(string migrationId, string? fingerprint, RunQueries runs, Reopenings reopenings, CancellationToken cancellationToken)
    {
        var run = await RequireAsync(runs, migrationId, cancellationToken);
        if (run.State is RunState.Cancelling or RunState.Cancelled)
            throw new ConflictException($"{migrationId} is {run.State}; resume it instead");
        return Results.Json(new ReplayedView(await reopenings.ReplayAsync(migrationId, fingerprint, cancellationToken)), statusCode: 202);
    }

    /// <summary>The run as soon as it is as expected; null when the time is up before that.</summary>
    internal static async Task<RunSummary?> WaitAsync(RunQueries runs, string runId, Func<RunSummary, bool> isAsExpected, TimeSpan patience, CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        for (var pause = 10; ; pause = Math.Min(pause * 2, 250))
        {
            if (await runs.FindAsync(runId, cancellationToken) is { } run && isAsExpected(run))
                return run;
            if (TimeProvider.System.GetElapsedTime(startedAt) > patience)
                return null;
            await Task.Delay(pause, cancellationToken);
        }
    }

    static bool IsGoing(string state) => state is RunState.Requested or RunState.Estimating or RunState.Paging or RunState.Migrating;

    static async Task<RunSummary> RequireAsync(RunQueries runs, string migrationId, CancellationToken cancellationToken) =>
        await runs.FindAsync(migrationId, cancellationToken) ?? throw new NotFoundException(migrationId);
}
