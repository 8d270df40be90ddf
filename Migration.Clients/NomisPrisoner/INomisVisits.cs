using Refit;

namespace Migration.Clients.NomisPrisoner;

/// <summary>Visits in NOMIS. Date-times are local to England.</summary>
public interface INomisVisits
{
    /// <summary>One page of visit ids, oldest creation first.</summary>
    /// <param name="prisonIds">None means every prison.</param>
    /// <param name="visitTypes">None means every type.</param>
    /// <param name="fromDateTime">Created at or after.</param>
    /// <param name="toDateTime">Created at or before.</param>
    /// <param name="ignoreMissingRoom">Always sent; NOMIS takes no notice of it.</param>
    /// <param name="page">From zero.</param>
    [Get("/visits/ids")]
    Task<IApiResponse<VisitIdPage>> GetVisitIds(
        [Query(CollectionFormat.Multi)] IReadOnlyList<string>? prisonIds,
        [Query(CollectionFormat.Multi)] IReadOnlyList<string>? visitTypes,
        [Encoded] DateTime? fromDateTime,
        [Encoded] DateTime? toDateTime,
        bool ignoreMissingRoom,
        int page,
        int size,
        CancellationToken ct);

    [Get("/visits/{visitId}")]
    Task<IApiResponse<Visit>> GetVisit(long visitId, CancellationToken ct);

    /// <summary>How many future visits use each room; not paged.</summary>
    [Get("/visits/rooms/usage-count")]
    Task<IApiResponse<List<RoomUsage>>> GetRoomUsage(
        [Query(CollectionFormat.Multi)] IReadOnlyList<string>? prisonIds,
        [Query(CollectionFormat.Multi)] IReadOnlyList<string>? visitTypes,
        [Encoded] DateTime? fromDateTime,
        [Encoded] DateTime? toDateTime,
        CancellationToken ct);
}
