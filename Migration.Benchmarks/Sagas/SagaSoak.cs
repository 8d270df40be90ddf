using System.Diagnostics;
using System.Globalization;
using Migration.Local.Postgres;
using Npgsql;

namespace Migration.Benchmarks.Sagas;

/// <summary>
/// Tickets that move at a steady rate for the length of a soak, with a window for duplicates that is short against it: inbox and outbox reach their
/// size early, and stay there. In the end each transition has been made, and told of, once.
/// </summary>
sealed class SagaSoak : IAsyncDisposable
{
    const int TransitionsPerSecond = 50;
    const int Batch = TransitionsPerSecond / 5;
    const int Tickets = 500;
    const int Concurrency = 8;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    readonly PostgresServer _server;
    readonly TicketHost _host;
    readonly NpgsqlDataSource _source;
    long _moved;

    SagaSoak(PostgresServer server, TicketHost host, NpgsqlDataSource source) => (_server, _host, _source) = (server, host, source);

    public static async Task<SagaSoak> StartAsync(CancellationToken cancellationToken)
    {
        var server = await PostgresServer.StartAsync(new PostgresOptions(Durable: true), cancellationToken);
        var connectionString = await server.CreateDatabaseAsync("soak", cancellationToken: cancellationToken);
        var source = NpgsqlDataSource.Create(connectionString);
        var host = await TicketHost.StartAsync(connectionString, Tickets, Concurrency, cancellationToken, Window);
        return new SagaSoak(server, host, source);
    }

    /// <summary>Moves tickets until it is cancelled; what has begun is finished. Ends early when a batch does not end in a minute: something of it is lost.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!cancellationToken.IsCancellationRequested)
        {
            _moved += Batch;
            if (!await IsMovedAsync())
                return;
            var ahead = TimeSpan.FromSeconds(_moved / (double)TransitionsPerSecond) - watch.Elapsed;
            if (ahead > TimeSpan.Zero)
                await Task.Delay(ahead, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task<bool> IsMovedAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await _host.MoveAsync(Batch, limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public async Task<Sizes> ReadAsync()
    {
        await using var command = _source.CreateCommand("""
            select (select count(*) from inbox_state), (select count(*) from outbox_message), pg_total_relation_size('inbox_state'),
              pg_total_relation_size('outbox_message'), pg_total_relation_size('outbox_state'), pg_total_relation_size('ticket'),
              (select coalesce(sum("Moves"), 0) from ticket)::bigint
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new Sizes(_moved, reader.GetInt64(6), _host.Heard, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _source.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <param name="Moved">Transitions asked for so far.</param>
    /// <param name="Made">Transitions that the sagas have counted.</param>
    /// <param name="Heard">Messages that told of one.</param>
    /// <param name="InboxRows">Messages remembered.</param>
    /// <param name="OutboxRows">Messages that wait.</param>
    /// <param name="Inbox">Bytes, with indexes, of inbox_state; likewise the others.</param>
    /// <param name="Outbox">Of outbox_message.</param>
    /// <param name="Deliverers">Of outbox_state.</param>
    /// <param name="TicketTable">Of the sagas.</param>
    public sealed record Sizes(long Moved, long Made, long Heard, long InboxRows, long OutboxRows, long Inbox, long Outbox, long Deliverers, long TicketTable)
    {
        // Room is used again after a vacuum, which comes once a minute: the first minute decides the size, and later ones add a little at most.
        const double Growth = 1.5;
        const long Slack = 1 << 20;

        /// <summary>Nothing was lost or done twice; once all has ended.</summary>
        public bool IsExact => Made == Moved && Heard == Moved;

        public bool HasStayed(Sizes start) => IsNear(Inbox, start.Inbox) && IsNear(Outbox, start.Outbox) && IsNear(Deliverers, start.Deliverers)
            && IsNear(TicketTable, start.TicketTable) && InboxRows <= (start.InboxRows * Growth) + (10 * TransitionsPerSecond);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Moved} transitions, {Made} made, {Heard} told of; inbox {InboxRows} rows, {Kilo(Inbox)} kB; outbox {OutboxRows} rows, {Kilo(Outbox)} kB; outbox_state {Kilo(Deliverers)} kB; sagas {Kilo(TicketTable)} kB");

        static bool IsNear(long end, long start) => end <= (start * Growth) + Slack;

        static long Kilo(long bytes) => bytes / 1024;
    }
}
