using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Migration.Tests.Infrastructure;

/// <summary>
/// A wire to Postgres that can lose an answer (the statement arrives and is committed, and the connection breaks before the
/// client hears of it), or be cut for a while.
/// </summary>
public sealed class BreakableWire : IAsyncDisposable
{
    // The server's last word on a batch outside a transaction: what was to be committed is committed.
    static readonly byte[] Ready = [(byte)'Z', 0, 0, 0, 5, (byte)'I'];

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly ConcurrentBag<Task> _connections = [];
    readonly string _host;
    readonly int _port;
    readonly Task _accepting;
    readonly ConcurrentDictionary<TcpClient, byte> _live = new();
    volatile string? _losing;
    volatile Interruption? _interruption;
    volatile bool _isCut;
    int _refused;

    BreakableWire(string connectionString)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        (_host, _port) = (server.Host!, server.Port); // a connection string without a host names no server
        _listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Pooling = true,
        }.ConnectionString;
        _accepting = AcceptAsync();
    }

    public static Task<BreakableWire> ToAsync(string connectionString) => Task.FromResult(new BreakableWire(connectionString));

    public string ConnectionString { get; }

    public bool HasLostAnAnswer { get; private set; }

    /// <summary>The next statement that holds this text is carried out, and its answer is lost with the connection.</summary>
    public void LoseNextAnswerTo(string statement) => _losing = statement;

    /// <summary>Does something just before a statement that holds this text arrives.</summary>
    /// <param name="statement">Text of the statement; the driver sends it for the first two times on a connection.</param>
    /// <param name="number">1 for the next such statement.</param>
    public void Before(string statement, int number, Action action) => _interruption = new Interruption(statement, number, action);

    /// <summary>Connections that were refused since the wire was cut.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>All connections break, and none is made until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        Volatile.Write(ref _refused, 0);
        _isCut = true;
        foreach (var client in _live.Keys)
            client.Close();
    }

    public void Mend() => _isCut = false;

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            // the end
        }
    }

    async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            _live[client] = 0;
            if (_isCut)
            {
                Interlocked.Increment(ref _refused);
                _live.TryRemove(client, out _);
                return;
            }
            try
            {
                await server.ConnectAsync(_host, _port, _end.Token);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                return; // the server is not there, or the test is over
            }
            if (_isCut)
                return; // its client was closed while the server answered
            var (near, far) = (client.GetStream(), server.GetStream());
            var isLosing = new StrongBox();
            await Task.WhenAny(CarryAsync(near, far, sent => Notice(sent, isLosing)), CarryAsync(far, near, answer => MayPass(answer, isLosing)));
            _live.TryRemove(client, out _);
        }
    }

    /// <summary>A statement goes on in any case; what is noticed is that its answer is to be lost.</summary>
    bool Notice(ReadOnlySpan<byte> sent, StrongBox isLosing)
    {
        if (_losing is { } statement && Encoding.UTF8.GetString(sent).Contains(statement, StringComparison.Ordinal))
        {
            _losing = null;
            isLosing.Value = true;
        }
        if (_interruption is { } interruption && Encoding.UTF8.GetString(sent).Contains(interruption.Statement, StringComparison.Ordinal))
        {
            _interruption = interruption.Number == 1 ? null : interruption with { Number = interruption.Number - 1 };
            if (interruption.Number == 1)
                interruption.Action();
        }
        return true;
    }

    bool MayPass(ReadOnlySpan<byte> answer, StrongBox isLosing)
    {
        if (!isLosing.Value)
            return true;
        HasLostAnAnswer |= answer.EndsWith(Ready);
        return false;
    }

    async Task CarryAsync(NetworkStream from, NetworkStream to, Take mayPass)
    {
        var buffer = new byte[1 << 16];
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, _end.Token)) > 0)
            {
                if (mayPass(buffer.AsSpan(0, read)))
                    await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
                else if (HasLostAnAnswer)
                    return;
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // one end has gone, and takes the other along
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _end.Dispose();
    }

    delegate bool Take(ReadOnlySpan<byte> bytes);

    sealed record Interruption(string Statement, int Number, Action Action);

    sealed class StrongBox
    {
        public volatile bool Value;
    }
}
