using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Migration.Simulator.Sqs;

/// <summary>The SQS simulator as a server of its own, on the loopback address only. Any credentials are accepted.</summary>
public sealed class SqsServer : IAsyncDisposable
{
    readonly WebApplication _app;

    SqsServer(WebApplication app, SqsBroker broker, Uri url)
    {
        _app = app;
        Broker = broker;
        Url = url;
    }

    /// <summary>The ServiceURL for clients.</summary>
    public Uri Url { get; }

    /// <summary>The queues.</summary>
    public SqsBroker Broker { get; }

    /// <summary>What goes wrong on purpose.</summary>
    public SqsFaults Faults => Broker.Faults;

    /// <summary>Starts a server with an empty broker.</summary>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="ct">Ends the start.</param>
    public static Task<SqsServer> StartAsync(int port = 0, CancellationToken ct = default) => StartAsync(new SqsBroker(), port, ct);

    /// <summary>Starts a server before a broker that may outlive it: a second server with the same broker and port is a restart that keeps the messages.</summary>
    public static async Task<SqsServer> StartAsync(SqsBroker broker, int port = 0, CancellationToken ct = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 8 * SqsLimits.MessageBytes; // a batch of 1 MiB may need six bytes a character as JSON
        });
        // A write ends when the socket has it, not when a buffer has it: only then can the server know that an answer met a closed connection.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 1);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var app = builder.Build();
        app.MapGet("/health", context => context.Response.WriteAsync("UP", context.RequestAborted));
        app.MapSqs(broker);
        await app.StartAsync(ct);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(); // Kestrel, started, has one
        return new SqsServer(app, broker, new Uri(address));
    }

    /// <summary>Completes when the server has been asked to stop (Ctrl+C, SIGTERM).</summary>
    public Task WaitForShutdownAsync(CancellationToken ct = default) => _app.WaitForShutdownAsync(ct);

    /// <summary>Stops the server; polls that wait are ended and take no message with them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
