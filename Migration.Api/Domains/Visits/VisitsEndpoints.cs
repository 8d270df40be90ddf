using System.Security.Claims;
using Migration.Api.Errors;
using Migration.Api.Runs;
using Migration.Api.Security;
using Migration.Contracts;
using Migration.Sagas.Domains.Visits;

namespace Migration.Api.Domains.Visits;

/// <summary>Start of a visits migration, and the room report that precedes it (spec: visits 5).</summary>
static class VisitsEndpoints
{
    public static void MapVisits(this IEndpointRouteBuilder app)
    {
        var visits = app.MapGroup("/migrate/visits").RequireAuthorization(Roles.Migration).WithTags("Visits");
        visits.MapPost("", StartAsync).Accepts<VisitsFilter>("application/json").Produces<StartedView>(202).Errors(400, 409, 500).WithName("migrateVisits")
            .WithSummary("Starts a migration of visits. Absent visitTypes means SCON; an empty list means every type.");
        visits.MapGet("/rooms/usage", RoomUsageAsync).Produces<IReadOnlyList<RoomUsageRow>>().Errors(400, 500).WithName("getVisitRoomUsage")
            .WithSummary("Rooms that future visits use, with their DPS room where one is mapped. Times are creation times in NOMIS.");
    }

    static async Task<IResult> StartAsync(HttpRequest request, StartRequest start, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var filter = await StartRequest.ReadAsync<VisitsFilter>(request, VisitsFilter.Json, cancellationToken);
        var validation = VisitsFilterValidator.Instance.Validate(filter);
        if (!validation.IsValid)
            throw InvalidRequestException.Validation(string.Join("; ", validation.Errors.Select(x => x.ErrorMessage).Distinct(StringComparer.Ordinal)));
        return await start.StartAsync(MigrationType.VISITS, filter, VisitsFilter.Json, user, cancellationToken);
    }

    static async Task<IResult> RoomUsageAsync(string[]? prisonIds, string[]? visitTypes, string? fromDateTime, string? toDateTime, VisitRoomUsage usage,
        CancellationToken cancellationToken)
    {
        var rows = await usage.ListAsync(Split(prisonIds), Split(visitTypes), RequestValues.LocalDateTime(fromDateTime, nameof(fromDateTime)),
            RequestValues.LocalDateTime(toDateTime, nameof(toDateTime)), cancellationToken);
        return Results.Json(rows, VisitsFilter.Json);
    }

    // Lists may be repeated parameters or comma separated, as the reference's framework reads both.
    static string[] Split(string[]? values) => values is null ? [] : [.. values.SelectMany(x => x.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
}
