using Azure.Monitor.OpenTelemetry.Exporter;
using MassTransit;
using Migration.Sagas.Syncs;
using Migration.Sagas.Telemetry;
using Npgsql;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Migration.Api.Telemetry;

/// <summary>Traces, metrics and logs by OpenTelemetry: to an OTLP collector or Azure Monitor, each only where it is configured.</summary>
static class ServiceTelemetry
{
    const string RoleName = "hmpps-prisoner-from-nomis-migration";

    public static void AddServiceTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ITelemetry, CustomEvents>();

        var otlp = builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };
        var azure = builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"];
        if (!otlp && string.IsNullOrEmpty(azure))
            return;

        var telemetry = services.AddOpenTelemetry().ConfigureResource(x => x.AddService(RoleName, serviceVersion: BuildVersion.Current));
        telemetry.WithTracing(x =>
        {
            x.AddSource("MassTransit").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddNpgsql();
            if (otlp)
                x.AddOtlpExporter();
            if (azure is { Length: > 0 })
                x.AddAzureMonitorTraceExporter(Configure);
        });
        telemetry.WithMetrics(x =>
        {
            x.AddMeter("MassTransit", "MassTransit.AmazonSqs", EntityFrameworkOutboxMetrics.MeterName, "Npgsql", SyncMetrics.Meter).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation();
            if (otlp)
                x.AddOtlpExporter();
            if (azure is { Length: > 0 })
                x.AddAzureMonitorMetricExporter(Configure);
        });
        telemetry.WithLogging(x =>
        {
            if (otlp)
                x.AddOtlpExporter();
            if (azure is { Length: > 0 })
                x.AddAzureMonitorLogExporter(Configure);
        });

        // The default samples custom events away inside an activity; dashboards count them.
        void Configure(AzureMonitorExporterOptions options)
        {
            options.ConnectionString = azure;
            options.EnableTraceBasedLogsSampler = false;
            options.TracesPerSecond = null;
            options.SamplingRatio = 1.0f;
        }
    }
}
