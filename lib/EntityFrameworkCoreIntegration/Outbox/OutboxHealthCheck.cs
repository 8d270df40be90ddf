using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>
/// Degraded when the oldest message waits too long: nobody delivers, or its transport refuses it. Reads the table, so that a process that does not deliver sees it too;
/// a database that does not answer is unhealthy.
/// </summary>
sealed class OutboxHealthCheck<TDb>(IServiceScopeFactory scopes, OutboxOptions<TDb> options) : IHealthCheck
    where TDb : DbContext
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var backlog = await scope.ServiceProvider.GetRequiredService<TDb>().GetOutboxBacklogAsync(cancellationToken).ConfigureAwait(false);
            var data = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["messages"] = backlog.Messages,
                ["failing"] = backlog.Failing,
                ["oldestSeconds"] = (long)backlog.OldestAge.TotalSeconds,
            };
            return backlog.OldestAge < options.DegradedAfter
                ? HealthCheckResult.Healthy(data: data)
                : HealthCheckResult.Degraded($"The oldest outbox message has waited longer than {options.DegradedAfter}.", data: data);
        }
    }
}
