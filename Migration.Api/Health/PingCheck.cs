using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Migration.Api.Health;

/// <summary>GET /health/ping of an upstream, without a token.</summary>
sealed class PingCheck(IHttpClientFactory clients, Uri address) : IHealthCheck
{
    public const string Client = "health-ping";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var client = clients.CreateClient(Client);
            using var response = await client.GetAsync(address, cancellationToken);
            var details = new Dictionary<string, object>(StringComparer.Ordinal) { ["HttpStatus"] = $"{(int)response.StatusCode} {response.ReasonPhrase}" };
            return response.IsSuccessStatusCode ? HealthCheckResult.Healthy(data: details) : HealthCheckResult.Unhealthy(data: details);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy(data: new Dictionary<string, object>(StringComparer.Ordinal) { ["error"] = exception.GetType().Name });
        }
    }
}
