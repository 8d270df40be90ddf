using System.Security.Claims;
using Migration.Api.Errors;
using Migration.Api.Runs;
using Migration.Api.Security;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Syncs;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Api.Syncs;

/// <summary>What on-call staff do with syncs: look, retry, replay parked events. An addition to the reference.</summary>
static class SyncEndpoints
{
    public static void MapSyncs(this IEndpointRouteBuilder app)
    {
        var syncs = app.MapGroup("/syncs").RequireAuthorization(Roles.Update).WithTags("Syncs");
        syncs.MapGet("", ListAsync).Produces<IReadOnlyList<SyncSummary>>().Errors(400).WithName("listSyncs")
            .WithSummary("Syncs, newest first: by domain, state, record (domain/entity/key), or those that may have left a second record in DPS.");
        syncs.MapGet("/counts", CountAsync).Produces<IReadOnlyList<SyncCount>>().WithName("countSyncs")
            .WithSummary("How many syncs of each domain are in which state: all that go on, and those that ended within the last hour.");
        syncs.MapGet("/{syncId}", FindAsync).Produces<SyncView>().Errors(404).WithName("getSync")
            .WithSummary("One sync, and how it came to where it is.");
        syncs.MapPost("/{syncId}/retry", RetryAsync).Produces(202).Errors(404, 409).WithName("retrySync")
            .WithSummary("Lets a failed sync, or one that waits for a decision, begin again. What is known of its record is heeded.");
        syncs.MapGet("/parked-events", ParkedAsync).Produces<IReadOnlyList<ParkedCount>>().WithName("listParkedEvents")
            .WithSummary("Events that came while their feature switch was off, by domain and type.");
        syncs.MapPost("/parked-events/{domain}/replay", ReplayAsync).Produces<ReplayedEventsView>(202).Errors(404, 409).WithName("replayParkedEvents")
            .WithSummary("Takes in the parked events of one type, or of every type of the domain that can be taken in, each oldest first. A named type is refused while its switch is off, or its domain is not here yet.");
    }

    static async Task<IReadOnlyList<SyncSummary>> ListAsync(string? domain, string? state, string? record, bool? possibleDuplicate, int? page, int? size, SyncQueries syncs, CancellationToken cancellationToken)
    {
        var (number, length) = RequestValues.Page(page, size);
        return await syncs.ListAsync(domain, state, record, possibleDuplicate, number, length, cancellationToken);
    }

    static async Task<IReadOnlyList<SyncCount>> CountAsync(SyncQueries syncs, CancellationToken cancellationToken) => await syncs.CountAsync(cancellationToken);

    static async Task<SyncView> FindAsync(Guid syncId, SyncQueries syncs, CancellationToken cancellationToken) =>
        new(await RequireAsync(syncs, syncId, cancellationToken), await syncs.ListTransitionsAsync(syncId, cancellationToken));

    static async Task<IResult> RetryAsync(Guid syncId, SyncQueries syncs, SyncRequests requests, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var sync = await RequireAsync(syncs, syncId, cancellationToken);
        if (sync.State is not (SyncState.Failed or SyncState.NeedsOperator))
            throw new ConflictException($"{syncId} is {sync.State}; only a sync that failed or needs an operator can be retried");
        await requests.RetryAsync(sync, user.Who(), cancellationToken);
        return Results.Accepted();
    }

    static async Task<IReadOnlyList<ParkedCount>> ParkedAsync(ParkedEvents parked, CancellationToken cancellationToken) => await parked.CountAsync(cancellationToken);

    static async Task<IResult> ReplayAsync(string domain, string? eventType, SyncDomainRegistry domains, ParkedReplays replays, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var known = domains.All.FirstOrDefault(x => x.Name == domain) ?? throw new NotFoundException(domain);
        var replay = await replays.ReplayAsync(known, eventType, user.Who(), cancellationToken);
        return replay.Refusal is { } refusal ? throw new ConflictException(refusal) : Results.Json(new ReplayedEventsView(replay.Replayed, replay.StillParked), statusCode: 202);
    }

    static async Task<SyncSummary> RequireAsync(SyncQueries syncs, Guid id, CancellationToken cancellationToken) =>
        await syncs.FindAsync(id, cancellationToken) ?? throw new NotFoundException(id.ToString());
}

/// <summary>A sync with its history.</summary>
public sealed record SyncView(SyncSummary Sync, IReadOnlyList<SyncTransition> Transitions);
