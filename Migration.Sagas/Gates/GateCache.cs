using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migration.Sagas.Runs.Ledger;
using Npgsql;

namespace Migration.Sagas.Gates;

/// <summary>
/// The gates rows, read every second. Paused means stop polling: hiding a received message would spend one of its receives.
/// What is dropped is decided by the claim statement, never by this cache.
/// </summary>
public sealed partial class GateCache(LedgerDatabase database, TimeProvider time, ILogger<GateCache> logger) : BackgroundService
{
    static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    volatile FrozenSet<string> _closed = FrozenSet<string>.Empty;

    /// <summary>Whether the domain may poll its queues.</summary>
    public bool IsOpen(string domain) => _closed.Count == 0 || !(_closed.Contains("all") || _closed.Contains("domain/" + domain));

    public bool IsOpen(string domain, string runId) => IsOpen(domain) && (_closed.Count == 0 || !_closed.Contains("run/" + runId));

    /// <summary>Returns at once when the gates of the run are open, and otherwise about a second after they were opened, or after five.</summary>
    public async Task WaitUntilOpenAsync(string domain, string runId, CancellationToken cancellationToken)
    {
        for (var looks = 0; looks < 5 && !IsOpen(domain, runId); looks++)
            await Task.Delay(Refresh, time, cancellationToken);
    }

    /// <summary>For whoever was refused by a gate that this cache may not know yet: as <see cref="WaitUntilOpenAsync"/>, but a second at least.</summary>
    public async Task WaitAfterRefusalAsync(string domain, string runId, CancellationToken cancellationToken)
    {
        await Task.Delay(Refresh, time, cancellationToken);
        await WaitUntilOpenAsync(domain, runId, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Refresh, time);
        do
        {
            try
            {
                var closed = await database.QueryAsync("select scope from migration.gates where state <> 'open'", x => x.GetString(0), stoppingToken);
                _closed = closed.ToFrozenSet(StringComparer.Ordinal);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                LogUnreadable(exception); // the last known state holds
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The gates could not be read; the last known state holds")]
    partial void LogUnreadable(Exception exception);
}
