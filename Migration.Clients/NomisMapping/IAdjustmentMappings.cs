using Refit;

namespace Migration.Clients.NomisMapping;

/// <summary>Which DPS adjustment stands for which NOMIS adjustment. The category is part of a NOMIS adjustment's key.</summary>
public interface IAdjustmentMappings
{
    /// <summary>404 means that the adjustment is not mapped.</summary>
    [Get("/mapping/sentencing/adjustments/nomis-adjustment-category/{category}/nomis-adjustment-id/{nomisId}")]
    Task<IApiResponse<AdjustmentMapping>> FindByNomisId(AdjustmentCategory category, long nomisId, CancellationToken ct);

    /// <summary>404 means that the adjustment is not mapped.</summary>
    [Get("/mapping/sentencing/adjustments/adjustment-id/{adjustmentId}")]
    Task<IApiResponse<AdjustmentMapping>> FindByDpsId(string adjustmentId, CancellationToken ct);

    /// <summary>
    /// 201 without a body, also for the very same pair again.
    /// 409 when either id is mapped to something else: <see cref="DuplicateAdjustmentMapping.Read"/> reads its body.
    /// </summary>
    [Post("/mapping/sentencing/adjustments")]
    Task<IApiResponse> Create([Body] AdjustmentMapping mapping, CancellationToken ct);

    /// <summary>204, also when there is no such mapping.</summary>
    [Delete("/mapping/sentencing/adjustments/adjustment-id/{adjustmentId}")]
    Task<IApiResponse> Delete(string adjustmentId, CancellationToken ct);

    /// <summary>How many mappings carry the label of a migration; none is a total of 0.</summary>
    [Get("/mapping/sentencing/adjustments/migration-id/{migrationId}?size=1")]
    Task<IApiResponse<AdjustmentMappingPage>> CountByMigration(string migrationId, CancellationToken ct);
}
