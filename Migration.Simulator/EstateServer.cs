using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Migration.Simulator.Http;
using Migration.Simulator.Inspection;

namespace Migration.Simulator;

/// <summary>
/// The outside world on one loopback port: the upstreams, each under its name (<see cref="Upstream"/>) and with <c>/health/ping</c>,
/// and <c>/simulator</c> to look at it and to break it.
/// </summary>
public sealed class EstateServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EstateServer(WebApplication app, Estate estate, Uri url) => (_app, Estate, Url) = (app, estate, url);

    /// <summary>Ends in a slash.</summary>
    public Uri Url { get; }

    public Estate Estate { get; }

    public Faults Faults => Estate.Faults;

    /// <summary>Settings of a service that lives in this estate: base URLs, client ids and secrets.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["API_BASE_URL_HMPPS_AUTH"] = $"{Url}auth",
        ["API_BASE_URL_NOMIS"] = $"{Url}nomis",
        ["API_BASE_URL_MAPPING"] = $"{Url}mapping",
        ["API_BASE_URL_VISITS"] = $"{Url}visits",
        ["API_BASE_URL_SENTENCING"] = $"{Url}sentencing",
        ["API_BASE_URL_FINANCE"] = $"{Url}finance",
        ["NOMIS_PRISONER_API_CLIENT_ID"] = "nomis-prisoner-api",
        ["NOMIS_PRISONER_API_SECRET"] = "nomis-prisoner-api",
        ["NOMIS_MAPPING_API_CLIENT_ID"] = "nomis-mapping-api",
        ["NOMIS_MAPPING_API_SECRET"] = "nomis-mapping-api",
        ["VISITS_CLIENT_ID"] = "visits",
        ["VISITS_CLIENT_SECRET"] = "visits",
        ["SENTENCING_CLIENT_ID"] = "sentencing",
        ["SENTENCING_CLIENT_SECRET"] = "sentencing",
        ["FINANCE_CLIENT_ID"] = "finance",
        ["FINANCE_CLIENT_SECRET"] = "finance",
    };

    /// <param name="port">0 for any that is free.</param>
    public static async Task<EstateServer> StartAsync(EstateOptions options, int port = 0, CancellationToken ct = default)
    {
        var estate = new Estate(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.Run(new Front(estate, new InspectionApi(estate)).Serve);
        await app.StartAsync(ct);
        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        return new EstateServer(app, estate, new Uri(address));
    }

    /// <summary>Ends at once: requests that are held are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
