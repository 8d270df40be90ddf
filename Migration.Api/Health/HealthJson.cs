using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Migration.Api.Health;

/// <summary>Health as the reference's dashboards read it: UP or DOWN, components with details.</summary>
static class HealthJson
{
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var components = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, entry) in report.Entries)
        {
            // one check may stand for many components of the same kind
            if (entry.Data.Values.All(x => x is ComponentHealth) && entry.Data.Count > 0)
                foreach (var (component, health) in entry.Data)
                    components[component] = health;
            else
                components[name] = new ComponentHealth(Status(entry.Status), Details(entry));
        }
        context.Response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return context.Response.WriteAsJsonAsync(new { status = Status(report.Status), components, groups = (string[])["liveness", "readiness"] });
    }

    public static Task WriteStatusAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new { status = Status(report.Status) });

    public static string Status(HealthStatus status) => status == HealthStatus.Unhealthy ? "DOWN" : "UP";

    // Exceptions are named by their type: a message may hold a connection string.
    static Dictionary<string, object> Details(HealthReportEntry entry)
    {
        var details = new Dictionary<string, object>(entry.Data, StringComparer.Ordinal);
        if (entry.Exception is { } exception)
            details["error"] = exception.GetType().Name;
        return details;
    }
}

/// <summary>One component of the health report.</summary>
sealed record ComponentHealth(string Status, IReadOnlyDictionary<string, object> Details);
