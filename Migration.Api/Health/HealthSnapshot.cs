using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Migration.Api.Health;

/// <summary>The whole report, kept for two seconds: probes and dashboards ask often, and each look asks every upstream.</summary>
sealed class HealthSnapshot(HealthCheckService checks, TimeProvider time) : IDisposable
{
    static readonly TimeSpan Keep = TimeSpan.FromSeconds(2);

    readonly SemaphoreSlim _gate = new(1, 1);
    (HealthReport Report, DateTimeOffset At)? _last;

    public async Task<HealthReport> ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && time.GetUtcNow() - last.At < Keep)
                return last.Report;
            var report = await checks.CheckHealthAsync(cancellationToken);
            _last = (report, time.GetUtcNow());
            return report;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
