using System.Security.Claims;
using Migration.Api.Errors;
using Migration.Api.Runs;
using Migration.Api.Security;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Syncs;

namespace Migration.Api.Syncs;

/// <summary>
/// Records in DPS that we created and that no mapping names: listed, removed or kept, each audited. It is the manual
/// compensation of the reference's runbook, with its checks made by the service (spec: sentencing-adjustments 9).
/// </summary>
static class CompensationEndpoints
{
    public static void MapCompensations(this IEndpointRouteBuilder app)
    {
        var strays = app.MapGroup("/compensations").RequireAuthorization(Roles.Update).WithTags("Compensations");
        strays.MapGet("", ListAsync).Produces<IReadOnlyList<Stray>>().Errors(400).WithName("listCompensations")
            .WithSummary("Records of DPS that no mapping names, oldest first; state is Open, Compensated or Kept.");
        strays.MapGet("/{id}", FindAsync).Produces<Stray>().Errors(404).WithName("getCompensation")
            .WithSummary("One of them.");
        strays.MapPost("/{id}/compensate", CompensateAsync).Produces<SyncSummary>().Produces(202).Errors(404, 409).WithName("compensate")
            .WithSummary("Removes the record from DPS if another one is mapped for the same NOMIS record and answers; then brings that one up to date.");
        strays.MapPost("/{id}/dismiss", DismissAsync).Produces(204).Errors(404, 409).WithName("dismissCompensation")
            .WithSummary("Keeps the record: somebody has looked at it and decided.");
    }

    static async Task<IReadOnlyList<Stray>> ListAsync(string? state, int? page, int? size, SyncQueries syncs, CancellationToken cancellationToken)
    {
        if (state is not (null or "Open" or "Compensated" or "Kept"))
            throw InvalidRequestException.Validation("state must be Open, Compensated or Kept");
        var (number, length) = RequestValues.Page(page, size);
        return await syncs.ListStraysAsync(state ?? "Open", number, length, cancellationToken);
    }

    static Task<Stray> FindAsync(long id, SyncQueries syncs, CancellationToken cancellationToken) => RequireAsync(syncs, id, cancellationToken);

    static async Task<IResult> CompensateAsync(long id, SyncQueries syncs, SyncRequests requests, SyncDomainRegistry domains, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var stray = await RequireAsync(syncs, id, cancellationToken);
        if (stray.State != "Open")
            throw new ConflictException($"{id} is {stray.State}");
        var name = stray.Record.Split('/')[0];
        var domain = domains.All.FirstOrDefault(x => x.Name == name) ?? throw new ConflictException($"{name} has no call that removes a record");
        return await requests.CompensateAsync(domain, stray, user.Who(), cancellationToken) switch
        {
            { State: SyncState.Compensated } sync => Results.Json(sync),
            { HasEnded: true } sync => throw new ConflictException($"{stray.TargetId} was not removed: {sync.Reason}"),
            _ => Results.Accepted(),
        };
    }

    static async Task<IResult> DismissAsync(long id, SyncQueries syncs, SyncRequests requests, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var stray = await RequireAsync(syncs, id, cancellationToken);
        return await requests.KeepAsync(stray, user.Who(), cancellationToken) ? Results.NoContent() : throw new ConflictException($"{id} is {stray.State}");
    }

    static async Task<Stray> RequireAsync(SyncQueries syncs, long id, CancellationToken cancellationToken) =>
        await syncs.FindStrayAsync(id, cancellationToken) ?? throw new NotFoundException(id.ToString());
}
