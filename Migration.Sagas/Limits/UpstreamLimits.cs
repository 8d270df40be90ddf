using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migration.Sagas.Runs.Ledger;
using Npgsql;

namespace Migration.Sagas.Limits;

/// <summary>
/// The limiters of all upstreams, one each, shared by runs and syncs. Bounds and pauses are rows (<c>upstream_limits</c>, and
/// gates <c>upstream/…</c>), read every second, so that an operator can change them while work is going.
/// </summary>
public sealed partial class UpstreamLimits(LedgerDatabase database, TimeProvider time, ILogger<UpstreamLimits> logger) : BackgroundService
{
    const string Read =
        """
        select coalesce(l.upstream, substr(g.scope, 10)), l.lowest, l.highest, g.scope is not null
        from migration.upstream_limits l
        full join (select scope from migration.gates where scope like 'upstream/%' and state <> 'open') g on g.scope = 'upstream/' || l.upstream
        """;

    static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<string, UpstreamLimiter> _limiters = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, UpstreamSet> _sets = new(StringComparer.Ordinal);

    public UpstreamLimiter Get(string upstream) => _limiters.GetOrAdd(upstream, static (_, clock) => new UpstreamLimiter(clock), time);

    /// <summary>The upstreams that one kind of work needs.</summary>
    /// <param name="work">A name for it, always with the same upstreams.</param>
    /// <param name="upstreams">May name one several times.</param>
    public UpstreamSet Of(string work, Func<IEnumerable<string>> upstreams) =>
        _sets.GetOrAdd(work, static (_, x) => new UpstreamSet([.. x.upstreams().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(x.self.Get)]), (self: this, upstreams));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Refresh, time);
        do
        {
            try
            {
                await RefreshAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                LogUnreadable(exception); // the last known bounds hold
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync(Read, x => (
            Upstream: x.GetString(0),
            Bounds: x.IsDBNull(1) ? UpstreamBounds.Default : new UpstreamBounds(x.GetInt32(1), x.GetInt32(2)),
            IsPaused: x.GetBoolean(3)), cancellationToken);
        var known = rows.ToDictionary(x => x.Upstream, StringComparer.Ordinal);
        foreach (var upstream in known.Keys)
            Get(upstream);
        foreach (var (upstream, limiter) in _limiters)
        {
            var row = known.GetValueOrDefault(upstream);
            limiter.Apply(row.Bounds ?? UpstreamBounds.Default, row.IsPaused);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The limits of the upstreams could not be read; the last known ones hold")]
    partial void LogUnreadable(Exception exception);
}
