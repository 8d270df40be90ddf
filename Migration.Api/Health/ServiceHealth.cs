using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Migration.Sagas.Startup;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Api.Health;

/// <summary>Health and info at the reference's paths (spec: engine 5.2, 5.3).</summary>
static class ServiceHealth
{
    /// <summary>Checks that say whether this process can work, as against what it depends on.</summary>
    const string Own = "own";

    static readonly (string Component, string Key)[] Pings =
    [
        ("hmppsAuthApiHealth", "API_BASE_URL_HMPPS_AUTH"),
        ("nomisApiHealth", "API_BASE_URL_NOMIS"),
        ("nomisMappingApi", "API_BASE_URL_MAPPING"),
        ("sentencingApi", "API_BASE_URL_SENTENCING"),
        ("visitsApi", "API_BASE_URL_VISITS"),
    ];

    public static IServiceCollection AddServiceHealth(this IServiceCollection services, IConfiguration configuration, string connectionString)
    {
        var checks = services.AddHealthChecks().AddNpgSql(connectionString, name: "db", tags: [Own]).AddCheck<WarmUpCheck>("warmUp", tags: [Own]);
        services.AddSingleton<WarmUp>();
        services.AddHostedService(x => x.GetRequiredService<WarmUp>());
        services.AddHttpClient(PingCheck.Client, x => x.Timeout = TimeSpan.FromSeconds(2)).RemoveAllLoggers();
        foreach (var (component, key) in Pings)
            if (configuration[key] is { Length: > 0 } baseUrl)
                checks.Add(new HealthCheckRegistration(component,
                    x => new PingCheck(x.GetRequiredService<IHttpClientFactory>(), new Uri(baseUrl.TrimEnd('/') + "/health/ping")), null, null));
        checks.Add(new HealthCheckRegistration("queues", x => ActivatorUtilities.CreateInstance<QueuesCheck>(x), null, null));
        services.AddSingleton<HealthSnapshot>();
        return services;
    }

    public static void MapServiceHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health", async (HealthSnapshot snapshot, HttpContext context) => await HealthJson.WriteAsync(context, await snapshot.ReadAsync(context.RequestAborted)))
            .AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/health/ping", () => Results.Json(new { status = "UP" })).AllowAnonymous().ExcludeFromDescription();
        app.MapHealthChecks("/health/liveness", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = HealthJson.WriteStatusAsync }).AllowAnonymous();
        app.MapHealthChecks("/health/readiness", new HealthCheckOptions { Predicate = x => x.Tags.Contains(Own), ResponseWriter = HealthJson.WriteStatusAsync }).AllowAnonymous();
        app.MapGet("/info", (IConfiguration configuration, EventSwitches switches) => Results.Json(new Dictionary<string, object>
        {
            ["build"] = new { name = "hmpps-prisoner-from-nomis-migration", version = BuildVersion.Current },
            ["event-feature-switches"] = switches.Configured(),
            ["productId"] = configuration["PRODUCT_ID"] ?? "default",
        })).AllowAnonymous().ExcludeFromDescription();
    }
}
