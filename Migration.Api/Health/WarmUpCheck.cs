using Microsoft.Extensions.Diagnostics.HealthChecks;
using Migration.Sagas.Startup;

namespace Migration.Api.Health;

/// <summary>Not ready before it is warm: work that waits a few seconds for a new pod is better off with an old one.</summary>
sealed class WarmUpCheck(WarmUp warmUp) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(warmUp.IsDone ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("warming up"));
}
