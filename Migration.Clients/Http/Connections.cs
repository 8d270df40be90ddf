using System.Net.Sockets;

namespace Migration.Clients.Http;

/// <summary>Connections to the upstreams.</summary>
internal static class Connections
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    public static SocketsHttpHandler NewHandler() => new()
    {
        ConnectCallback = Connect,
        MaxConnectionsPerServer = 1024,
        // DNS changes are seen within this time.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        UseCookies = false,
        AllowAutoRedirect = false,
    };

    /// <summary>
    /// A connection that cannot be made in time says so by its own exception: the time-out of SocketsHttpHandler looks like
    /// that of a call which is under way.
    /// </summary>
    private static async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ConnectLimit);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, limit.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            var reason = failure is SocketException { SocketErrorCode: var code } ? code.ToString() : "no connection in time";
            throw new RequestNotSentException(reason, failure);
        }
    }
}
