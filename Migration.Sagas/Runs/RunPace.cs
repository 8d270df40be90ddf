using Microsoft.Extensions.Options;
using Migration.Sagas.Domains;
using Migration.Sagas.Gates;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Runs;

/// <summary>What keeps a run from going faster, as this process sees it; another process may see something else.</summary>
public sealed class RunPace(DomainRegistry domains, UpstreamLimits limits, GateCache gates, Claims claims, IOptions<EngineOptions> options)
{
    public LimitedBy Of(RunSummary run)
    {
        if (run.EndedAt is not null || domains.Find(run.Type) is not { } domain)
            return LimitedBy.Nothing;
        if (!gates.IsOpen(domain.Name, run.RunId))
            return LimitedBy.Paused;
        var byUpstreams = limits.Of(domain).LimitedBy;
        return byUpstreams == LimitedBy.Nothing && claims.InHand >= options.Value.RecordConcurrency ? LimitedBy.OwnLimit : byUpstreams;
    }
}
