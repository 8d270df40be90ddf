using Migration.Clients;
using Migration.Sagas.Limits;

namespace Migration.Sagas.Domains;

/// <summary>The upstreams that each kind of work needs.</summary>
static class DomainLimits
{
    /// <summary>For the pages and records of a migration.</summary>
    public static UpstreamSet Of(this UpstreamLimits limits, IMigrationDomain domain) => limits.Of("run/" + domain.Name, () => domain.Calls);

    /// <summary>For pushes and compensations.</summary>
    public static UpstreamSet Of(this UpstreamLimits limits, ISyncDomain domain) => limits.Of("sync/" + domain.Name, () => domain.Calls);

    /// <summary>For mappings that are owed.</summary>
    public static UpstreamSet OfMapping(this UpstreamLimits limits) => limits.Of("mapping", () => [Upstreams.Mapping]);
}
