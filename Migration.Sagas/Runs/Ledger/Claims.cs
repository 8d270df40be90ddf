using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Sagas.Persistence;
using Npgsql;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>Grants claims in groups, and keeps the ones in hand alive.</summary>
public sealed partial class Claims : BackgroundService, IAsyncDisposable
{
    // All statements of a batch are one transaction; each of them sees what was committed when it began.
    const string LockGates = "select pg_advisory_xact_lock_shared(migration.run_gate(run_id)) from (select distinct run_id from unnest($1::text[]) t (run_id) order by run_id) runs";
    const string ReadAmbiguous = "select record, kind, target_id from migration.ambiguous where record = any ($1) and kind <> 'set'"; // content that a sync looks at again is no created record
    const string Renew =
        """
        with held as (select run_id, key from migration.ledger where claimed_by = any ($1) and state = 'Claimed' order by run_id, key for no key update)
        update migration.ledger l set claimed_until = clock_timestamp() + $2 from held h where l.run_id = h.run_id and l.key = h.key returning l.claimed_by
        """;

    // Under the record's row: whoever ends the claim, the sweeper too, looks for its lanes after that.
    const string Enter =
        """
        with held as (
          select from migration.ledger where run_id = $1 and key = $2 and claimed_by = $3 and state = 'Claimed' for no key update
        ), entered as (
          insert into migration.lanes (lane, kind, holder, epoch)
          select lane, 'claim', $3, nextval('migration.lane_epoch') from unnest($4::text[]) lane, held order by lane
          on conflict (lane) do nothing
          returning lane
        )
        select count(*) from entered
        """;

    static readonly string ClaimSql = SqlResource.Read("Runs.Ledger.claim.sql");

    readonly LedgerDatabase _database;
    readonly EngineOptions _options;
    readonly TimeProvider _time;
    readonly ILogger<Claims> _logger;
    readonly GroupCommit<ClaimRequest, ClaimVerdict> _group;
    readonly ConcurrentDictionary<Guid, Claim> _inHand = new();

    public Claims(LedgerDatabase database, IOptions<EngineOptions> options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<Claims> logger)
    {
        Stopping = lifetime.ApplicationStopping;
        (_database, _options, _time, _logger) = (database, options.Value, time, logger);
        // The lane is the record's, so one entry a record is one entry a lane.
        _group = new(database.Commits, WriteAsync, x => x.Lane, _options.GroupSize, _options.CommitPatience);
    }

    /// <summary>Cancelled when the process begins to stop: claims that have called nothing yet are to be released.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Claims that this process holds.</summary>
    public int InHand => _inHand.Count;

    /// <summary>Asks for a record. The claim, if granted, is renewed until <see cref="Release"/>.</summary>
    public Task<ClaimVerdict> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) => _group.ExecuteAsync(request, cancellationToken);

    /// <summary>
    /// Takes further lanes for a claim that is held. A claim never waits: false when one of them is held, or the claim is gone. What was
    /// taken goes with the claim's end, whatever that is.
    /// </summary>
    public async Task<bool> TryEnterAsync(Claim claim, IReadOnlyCollection<string> lanes, CancellationToken cancellationToken)
    {
        string[] further = [.. lanes.Where(x => x != claim.Lane).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return further.Length == 0
            || (await _database.QueryAsync(Enter, x => x.GetInt64(0), cancellationToken, claim.RunId, claim.Key, claim.Token, further)).Single() == further.Length;
    }

    /// <summary>The holder is done with the claim: its outcome is on disk, or was refused.</summary>
    public void Release(Claim claim) => _inHand.TryRemove(claim.Token, out _);

    /// <summary>
    /// To be asked right before each call that changes a target. False: the claim is gone or cannot be made sure of, and
    /// the call must not be made.
    /// </summary>
    public async Task<bool> IsSafeToCallAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (claim.Remaining >= _options.LeaseReserve)
            return true;
        if (claim.IsLost)
            return false;
        await RenewAsync([claim], cancellationToken);
        return claim.Remaining >= _options.LeaseReserve;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.RenewEvery / 4, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var due = _inHand.Values.Where(x => x.Remaining <= _options.Lease - _options.RenewEvery && x.Age < _options.StepDeadline).ToArray();
            if (due.Length == 0)
                continue;
            try
            {
                await RenewAsync(due, stoppingToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                // the holders find out by IsSafeToCallAsync; the next tick tries again
                LogRenewalFailed(exception, due.Length);
            }
        }
    }

    async Task RenewAsync(IReadOnlyCollection<Claim> claims, CancellationToken cancellationToken)
    {
        var sentAt = (Stopwatch.GetTimestamp(), _time.GetUtcNow());
        var renewed = await _database.QueryAsync(Renew, x => x.GetGuid(0), cancellationToken, claims.Select(x => x.Token).ToArray(), _options.Lease);
        foreach (var claim in claims)
        {
            if (renewed.Contains(claim.Token))
                claim.Renewed(sentAt);
            else
                claim.Lose();
        }
    }

    async Task<IReadOnlyList<ClaimVerdict>> WriteAsync(NpgsqlConnection connection, IReadOnlyList<ClaimRequest> requests)
    {
        string[] runs = [.. requests.Select(x => x.RunId)];
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                LedgerDatabase.Statement(LockGates, (object)runs),
                LedgerDatabase.Statement(ClaimSql, runs, requests.Select(x => x.Key).ToArray(), requests.Select(x => x.Lane).ToArray(),
                    requests.Select(x => x.Token).ToArray(), _options.Lease, _options.Deferral, _database.Slot),
                LedgerDatabase.Statement(ReadAmbiguous, (object)requests.Select(x => x.Record).ToArray()),
            },
        };

        var rows = new Dictionary<Guid, VerdictRow>();
        var ambiguities = new Dictionary<string, Ambiguity>(StringComparer.Ordinal);
        await using (var reader = await batch.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                // one row a lock
            }
            await reader.NextResultAsync();
            while (await reader.ReadAsync())
                rows[reader.GetGuid(0)] = VerdictRow.Read(reader);
            await reader.NextResultAsync();
            while (await reader.ReadAsync())
                ambiguities[reader.GetString(0)] = new Ambiguity(reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2));
        }

        return [.. requests.Select(request => Verdict(request, rows[request.Token], ambiguities.GetValueOrDefault(request.Record)))];
    }

    ClaimVerdict Verdict(ClaimRequest request, VerdictRow row, Ambiguity? ambiguity)
    {
        if (row.ClaimNo is not { } claimNo)
            return new ClaimVerdict(null, row.IsBusy, row.State, row.IsSettled, row.RunState, row.IsGated);
        var claim = new Claim(request, claimNo, row.Attempts, ambiguity, _options.Lease, _time);
        _inHand[claim.Token] = claim;
        return new ClaimVerdict(claim, Busy: false, row.State, row.IsSettled, row.RunState, row.IsGated);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} claims could not be renewed")]
    partial void LogRenewalFailed(Exception exception, int count);

    public async ValueTask DisposeAsync()
    {
        await _group.DisposeAsync();
        base.Dispose();
    }

    readonly record struct VerdictRow(int? ClaimNo, int Attempts, bool IsBusy, string? State, bool IsSettled, string? RunState, bool IsGated)
    {
        public static VerdictRow Read(NpgsqlDataReader reader) => new(
            reader.IsDBNull(1) ? null : reader.GetInt32(1), reader.IsDBNull(2) ? 0 : reader.GetInt32(2), reader.GetBoolean(3),
            reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetBoolean(5), reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetBoolean(7));
    }
}
