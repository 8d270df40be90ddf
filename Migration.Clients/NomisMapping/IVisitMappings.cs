using Refit;

namespace Migration.Clients.NomisMapping;

/// <summary>Which DPS visit stands for which NOMIS visit, and which room for which.</summary>
public interface IVisitMappings
{
    /// <summary>404 means that the visit is not mapped.</summary>
    [Get("/mapping/visits/nomisId/{nomisId}")]
    Task<IApiResponse<VisitMapping>> FindByNomisId(long nomisId, CancellationToken ct);

    /// <summary>
    /// 201 without a body, also for the very same pair again.
    /// 409 when either id is mapped to something else: <see cref="DuplicateVisitMapping.Read"/> reads its body.
    /// </summary>
    [Post("/mapping/visits")]
    Task<IApiResponse> Create([Body] VisitMapping mapping, CancellationToken ct);

    /// <summary>How many mappings carry the label of a migration. 404 means none.</summary>
    [Get("/mapping/visits/migration-id/{migrationId}?size=1")]
    Task<IApiResponse<VisitMappingPage>> CountByMigration(string migrationId, CancellationToken ct);

    /// <summary>404 means that the room is not mapped.</summary>
    [Get("/prison/{prisonId}/room/nomis-room-id/{nomisRoomDescription}")]
    Task<IApiResponse<RoomMapping>> FindRoom(string prisonId, string nomisRoomDescription, CancellationToken ct);
}
