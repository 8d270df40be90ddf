using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Migration.Api.Runs;
using Migration.Sagas.Telemetry;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>The service as it is deployed, in this process; only its telemetry goes nowhere but to its world.</summary>
sealed class ServiceHost : WebApplicationFactory<StartedView> // any public type of the service names its assembly
{
    static readonly TimeSpan RunPatience = TimeSpan.FromSeconds(60);

    readonly IReadOnlyDictionary<string, string?> _settings;

    ServiceHost(IReadOnlyDictionary<string, string?> settings, CapturedTelemetry telemetry) => (_settings, Telemetry) = (settings, telemetry);

    /// <summary>Its world's.</summary>
    public CapturedTelemetry Telemetry { get; }

    /// <summary>Sends no token.</summary>
    public HttpClient Anybody { get; private set; } = null!; // set when the host has started

    /// <summary>Sends a token with the migration role.</summary>
    public HttpClient Operator { get; private set; } = null!; // set when the host has started

    public static async Task<ServiceHost> StartAsync(World world, IReadOnlyDictionary<string, string?>? changes = null)
    {
        var host = new ServiceHost(world.Settings(changes), world.Telemetry);
        host.Anybody = await Task.Run(host.NewClient); // starts the service
        await world.LetUpstreamsBeSlowAsync();
        host.Operator = host.ClientWith(await world.TokenAsync());
        return host;
    }

    public HttpClient ClientWith(string token)
    {
        var client = NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public Task<HttpResponseMessage> PostStartAsync(string filter = "{}") =>
        Operator.PostAsync("/migrate/visits", new StringContent(filter, Encoding.UTF8, "application/json"));

    /// <summary>Starts a run and returns its id.</summary>
    public async Task<string> StartRunAsync(string filter = "{}")
    {
        using var response = await PostStartAsync(filter);
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), body);
        return (string)JsonNode.Parse(body)!["migrationId"]!;
    }

    public async Task<HttpStatusCode> CancelAsync(string runId)
    {
        using var response = await Operator.PostAsync($"/migrate/cancel/{runId}", content: null);
        return response.StatusCode;
    }

    public async Task<HttpStatusCode> ResumeAsync(string runId)
    {
        using var response = await Operator.PostAsync($"/migrate/resume/{runId}", content: null);
        return response.StatusCode;
    }

    public Task<JsonObject> HistoryAsync(string runId) => GetAsync($"/migrate/history/{runId}");

    public Task<JsonObject> ProgressAsync(string runId) => GetAsync($"/migrate/history/{runId}/progress");

    /// <summary>The history of the run as soon as it has the status.</summary>
    public Task<JsonObject> WaitForAsync(string runId, string status, TimeSpan? patience = null) =>
        Eventually.Value(() => HistoryAsync(runId), x => (string?)x["status"] == status, patience ?? RunPatience, $"run {runId} is {status}");

    /// <summary>Runs a migration to its end and returns its history.</summary>
    public async Task<JsonObject> MigrateAsync(string filter = "{}")
    {
        var runId = await StartRunAsync(filter);
        var history = await WaitForAsync(runId, "COMPLETED");
        await Telemetry.WaitForAsync(runId, "visits-migration-completed"); // told after the state can be seen
        return history;
    }

    public async Task<JsonObject> GetAsync(string path)
    {
        using var response = await Operator.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{path}: {body}");
        return JsonNode.Parse(body)!.AsObject();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        foreach (var (key, value) in _settings)
            builder.UseSetting(key, value);
        builder.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton<ITelemetry>(Telemetry)));
    }

    HttpClient NewClient() => CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
}
