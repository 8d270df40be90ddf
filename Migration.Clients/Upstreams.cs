using Migration.Clients.Configuration;

namespace Migration.Clients;

/// <summary>The APIs that are called, by the names that answers, limiters and gates use.</summary>
public static class Upstreams
{
    public const string Nomis = "nomis";
    public const string Mapping = "mapping";
    public const string Visits = "visits";
    public const string Sentencing = "sentencing";
    public const string Finance = "finance";

    /// <summary>Where each finds its settings. Names and defaults are those of the service that this one replaces.</summary>
    internal static readonly IReadOnlyList<UpstreamKeys> All =
    [
        new(Nomis, "NOMIS prisoner API", "API_BASE_URL_NOMIS", "NOMIS_PRISONER_API_CLIENT_ID", "NOMIS_PRISONER_API_SECRET", "API_TIMEOUT", TimeSpan.FromSeconds(60)),
        new(Mapping, "mapping service", "API_BASE_URL_MAPPING", "NOMIS_MAPPING_API_CLIENT_ID", "NOMIS_MAPPING_API_SECRET", "API_MAPPING_TIMEOUT", TimeSpan.FromSeconds(10)),
        new(Visits, "visit scheduler", "API_BASE_URL_VISITS", "VISITS_CLIENT_ID", "VISITS_CLIENT_SECRET", "API_TIMEOUT", TimeSpan.FromSeconds(90)),
        new(Sentencing, "adjustments API", "API_BASE_URL_SENTENCING", "SENTENCING_CLIENT_ID", "SENTENCING_CLIENT_SECRET", "API_TIMEOUT", TimeSpan.FromSeconds(90)),
        new(Finance, "prisoner finance API", "API_BASE_URL_FINANCE", "FINANCE_CLIENT_ID", "FINANCE_CLIENT_SECRET", "API_TIMEOUT", TimeSpan.FromSeconds(90)),
    ];
}
