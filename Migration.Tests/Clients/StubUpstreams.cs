using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Migration.Clients;

namespace Migration.Tests.Clients;

/// <summary>All upstreams on one loopback port, each under its path. They answer what a test tells them and remember what was asked.</summary>
internal sealed class StubUpstreams : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _next = new();
    private Func<HttpContext, Task> _always = http => Write(http, 404, "{}", "application/json");
    private int _tokens;

    private StubUpstreams(WebApplication app) => _app = app;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());

    public ConcurrentQueue<Asked> Requests { get; } = new();

    public ConcurrentQueue<Asked> TokenRequests { get; } = new();

    /// <summary>Seconds that a token lives.</summary>
    public int TokenLife { get; set; } = 3600;

    public Func<HttpContext, Task>? TokenAnswer { get; set; }

    public static async Task<StubUpstreams> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var stub = new StubUpstreams(app);
        app.Run(stub.Serve);
        await app.StartAsync();
        return stub;
    }

    public void Answers(int status, string? body = null, string contentType = "application/json") => _always = http => Write(http, status, body, contentType);

    public void Answers(Func<HttpContext, Task> answer) => _always = answer;

    /// <summary>Answers the next request only.</summary>
    public void AnswersOnce(int status, string? body = null) => _next.Enqueue(http => Write(http, status, body, "application/json"));

    public void AnswersOnce(Func<HttpContext, Task> answer) => _next.Enqueue(answer);

    /// <summary>The clients, configured for these upstreams and as the test wants.</summary>
    public ServiceProvider NewClients(TimeProvider? time = null, params (string Key, string? Value)[] settings)
    {
        var services = new ServiceCollection();
        if (time is not null)
            services.AddSingleton(time);
        services.AddMigrationClients(NewConfiguration(settings));
        return services.BuildServiceProvider();
    }

    public IConfiguration NewConfiguration(params (string Key, string? Value)[] settings)
    {
        var values = new Dictionary<string, string?>
        {
            ["API_BASE_URL_HMPPS_AUTH"] = $"{Url}auth",
            ["API_BASE_URL_NOMIS"] = $"{Url}nomis",
            ["API_BASE_URL_MAPPING"] = $"{Url}mapping-service",
            ["API_BASE_URL_VISITS"] = $"{Url}visits-api/",
            ["API_BASE_URL_SENTENCING"] = $"{Url}adjustments-api",
            ["API_BASE_URL_FINANCE"] = $"{Url}finance-api",
            ["NOMIS_PRISONER_API_CLIENT_ID"] = "nomis-client",
            ["NOMIS_PRISONER_API_SECRET"] = "nomis-secret",
            ["NOMIS_MAPPING_API_CLIENT_ID"] = "mapping-client",
            ["NOMIS_MAPPING_API_SECRET"] = "mapping-secret",
            ["VISITS_CLIENT_ID"] = "visits-client",
            ["VISITS_CLIENT_SECRET"] = "visits-secret",
            ["SENTENCING_CLIENT_ID"] = "sentencing-client",
            ["SENTENCING_CLIENT_SECRET"] = "sentencing-secret",
            ["FINANCE_CLIENT_ID"] = "finance-client",
            ["FINANCE_CLIENT_SECRET"] = "finance-secret",
        };
        foreach (var (key, value) in settings)
            values[key] = value;
        return new ConfigurationBuilder().AddInMemoryCollection(values).Build();
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task Serve(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var asked = new Asked(
            http.Request.Method, http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            http.Request.Headers.Authorization.ToString(), await reader.ReadToEndAsync(), http.Request.ContentType);

        if (http.Request.Path == "/auth/oauth/token")
        {
            TokenRequests.Enqueue(asked);
            var token = string.Create(CultureInfo.InvariantCulture, $"token-{Interlocked.Increment(ref _tokens)}");
            var body = $$"""{"access_token":"{{token}}","token_type":"bearer","expires_in":{{TokenLife}}}""";
            await (TokenAnswer is null ? Write(http, 200, body, "application/json") : TokenAnswer(http));
            return;
        }

        Requests.Enqueue(asked);
        await (_next.TryDequeue(out var once) ? once : _always)(http);
    }

    private static Task Write(HttpContext http, int status, string? body, string contentType)
    {
        http.Response.StatusCode = status;
        if (body is null)
            return Task.CompletedTask;
        http.Response.ContentType = contentType;
        return http.Response.WriteAsync(body);
    }

    public sealed record Asked(string Method, string Target, string Authorization, string Body, string? ContentType);
}
