using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace Migration.Simulator.Sqs.Protocol;

/// <summary>
/// Asks the socket itself about the client. Kestrel learns of a closed connection a little later, and messages that were taken in between would be lost until their
/// visibility time-out.
/// </summary>
internal readonly struct ClientConnection(HttpContext context)
{
    const int Tcp = 6;
    const int TcpInfo = 11;
    const byte StateClosed = 7;

    readonly Socket? _socket = context.Features.Get<IConnectionSocketFeature>()?.Socket;

    /// <summary>The client has closed its side.</summary>
    public bool IsGone
    {
        get
        {
            if (context.RequestAborted.IsCancellationRequested)
                return true;
            try
            {
                return _socket is not null && _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>
    /// The connection was reset, which the client's kernel does when bytes arrive that nobody will read; a client that has read its answer and closes sends a plain
    /// end instead. Linux only; elsewhere false.
    /// </summary>
    public bool IsReset
    {
        get
        {
            if (_socket is null || !OperatingSystem.IsLinux())
                return false;
            try
            {
                Span<byte> info = stackalloc byte[8];
                return _socket.GetRawSocketOption(Tcp, TcpInfo, info) > 0 && info[0] == StateClosed;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }
}
