using Migration.Clients;
using Migration.Sagas.Domains;
using Migration.Sagas.Limits;

namespace Migration.Sagas.Runs;

/// <summary>The upstreams that the steps of a run need.</summary>
static class RunLimits
{
    /// <summary>For the pages and records of a domain.</summary>
    public static UpstreamSet Of(this UpstreamLimits limits, IMigrationDomain domain) => limits.Of("run/" + domain.Name, () => domain.Calls);

    /// <summary>For mappings that are owed.</summary>
    public static UpstreamSet OfMapping(this UpstreamLimits limits) => limits.Of("run-mapping", () => [Upstreams.Mapping]);
}
