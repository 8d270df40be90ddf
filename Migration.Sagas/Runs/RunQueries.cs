using Migration.Contracts;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs.Ledger;
using Npgsql;

namespace Migration.Sagas.Runs;

/// <summary>What the status endpoints show. Counts come from the counters and are exact in every snapshot.</summary>
public sealed class RunQueries(LedgerDatabase database, DomainRegistry domains)
{
    const string Columns =
        """
        select r.run_id, r.correlation_id, r.domain, r.state, r.filter, r.estimated_count, r.started_at, r.ended_at, r.failure_reason, r.failure_status,
               coalesce((select jsonb_object_agg(state, n) from (select state, sum(n) n from migration.run_counters c where c.run_id = r.run_id group by state) x), '{}'::jsonb)::text,
               clock_timestamp(), coalesce(r.resumed_at, r.started_at), coalesce(r.ended_before_resume, 0)
        from migration.runs r
        """;

    /// <summary>Null when there is no such run.</summary>
    public async Task<RunSummary?> FindAsync(string runId, CancellationToken cancellationToken) =>
        (await database.QueryAsync(Columns + " where r.run_id = $1", Read, cancellationToken, runId)).SingleOrDefault();

    /// <summary>The newest run of a type, whatever its state; null when it never ran.</summary>
    public async Task<RunSummary?> FindLatestAsync(MigrationType type, CancellationToken cancellationToken) => domains.Find(type) is { } domain
        ? (await database.QueryAsync(Columns + " where r.domain = $1 order by r.started_at desc limit 1", Read, cancellationToken, domain.Name)).SingleOrDefault()
        : null;

    /// <summary>Runs of a type, newest first; both times inclusive.</summary>
    public async Task<IReadOnlyList<RunSummary>> ListAsync(MigrationType type, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken) =>
        domains.Find(type) is { } domain
            ? await database.QueryAsync(
                Columns + " where r.domain = $1 and ($2::timestamptz is null or r.started_at >= $2) and ($3::timestamptz is null or r.started_at < $3) order by r.started_at desc",
                Read, cancellationToken, domain.Name, from, to)
            : [];

    public async Task<PageCounts> CountPagesAsync(string runId, CancellationToken cancellationToken) =>
        (await database.QueryAsync(
            """
            select count(*) filter (where state = 'Open'), count(*) filter (where state = 'Reported'), max(error) filter (where state = 'Open')
            from migration.run_pages where run_id = $1
            """, x => new PageCounts(x.GetInt64(0), x.GetInt64(1), Text(x, 2)), cancellationToken, runId)).Single();

    /// <summary>Records that did not end as migrated, counted by cause, most frequent first; 200 causes at most.</summary>
    public async Task<IReadOnlyList<FailureCount>> CountFailuresAsync(string runId, CancellationToken cancellationToken) => await database.QueryAsync(
        """
        select state, coalesce(reason, ''), coalesce(fingerprint, ''), count(*) from migration.ledger
        where run_id = $1 and state in ('Failed', 'Rejected', 'Duplicate') group by 1, 2, 3 order by 4 desc, 2 limit 200
        """, x => new FailureCount(x.GetString(0), x.GetString(1), x.GetString(2), x.GetInt64(3)), cancellationToken, runId);

    public async Task<long> CountPossibleDuplicatesAsync(string runId, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select count(*) from migration.ledger where run_id = $1 and possible_duplicate", x => x.GetInt64(0), cancellationToken, runId)).Single();

    /// <summary>Records that failed, were rejected, were mapped by another meanwhile, or were pushed twice for want of an answer; by key.</summary>
    public async Task<IReadOnlyList<FailedRecord>> ListFailuresAsync(RunSummary run, int page, int size, CancellationToken cancellationToken) => await database.QueryAsync(
        """
        select l.key, l.state, coalesce(l.reason, ''), l.attempts, l.error, l.possible_duplicate,
               l.state = 'Failed' and exists (select from migration.ambiguous a where a.record = $4 || l.key), l.target_id, l.existing_id, l.changed_at
        from migration.ledger l
        where l.run_id = $1 and (l.state in ('Failed', 'Rejected', 'Duplicate') or l.possible_duplicate) order by l.key offset $2 limit $3
        """,
        x => new FailedRecord(
            x.GetString(0), x.GetString(1), x.GetString(2), x.GetInt32(3), Text(x, 4), x.GetBoolean(5), x.GetBoolean(6), Text(x, 7), Text(x, 8), x.GetFieldValue<DateTimeOffset>(9)),
        cancellationToken, run.RunId, (long)page * size, size, domains.Find(run.Type)!.Record("")); // a run that was read has a domain

    RunSummary Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetGuid(1), domains[reader.GetString(2)].Type, reader.GetString(3), reader.GetString(4),
        reader.IsDBNull(5) ? null : reader.GetInt64(5), reader.GetFieldValue<DateTimeOffset>(6), reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
        Text(reader, 8), reader.IsDBNull(9) ? null : reader.GetInt32(9),
        System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, long>>(reader.GetString(10))!, reader.GetFieldValue<DateTimeOffset>(11),
        reader.GetFieldValue<DateTimeOffset>(12), reader.GetInt64(13));

    static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>A run with its exact counts.</summary>
/// <param name="Counts">Records by <see cref="RecordState"/>; a state that no record is in may be missing.</param>
/// <param name="ReadAt">The database's time of this snapshot.</param>
/// <param name="AtWorkSince">When it was started, or resumed the last time.</param>
/// <param name="EndedBefore">Records that had ended by then.</param>
public sealed record RunSummary(
    string RunId, Guid CorrelationId, MigrationType Type, string State, string Filter, long? EstimatedCount, DateTimeOffset StartedAt, DateTimeOffset? EndedAt,
    string? FailureReason, int? FailureStatus, IReadOnlyDictionary<string, long> Counts, DateTimeOffset ReadAt,
    DateTimeOffset AtWorkSince, long EndedBefore)
{
    public long Count(string state) => Counts.GetValueOrDefault(state);

    /// <summary>Records found so far.</summary>
    public long Found => Counts.Values.Sum();

    public long Open => RecordState.Open.Sum(Count);
}

/// <summary>Pages of ids that are still to be read, and that are read.</summary>
/// <param name="LastError">Why an open page could not be read the last time; null when none failed.</param>
public sealed record PageCounts(long Open, long Reported, string? LastError);

public sealed record FailureCount(string State, string Reason, string Fingerprint, long Count);

/// <param name="Id">The record's key in NOMIS.</param>
/// <param name="PossibleDuplicate">It was created again when nobody knew the end of a create: DPS may hold it twice.</param>
/// <param name="MayBeInDps">It has failed, and DPS may hold it: a create had no answer, or its mapping could not be written. A replay knows of it.</param>
public sealed record FailedRecord(
    string Id, string State, string Reason, int Attempts, string? LastError, bool PossibleDuplicate, bool MayBeInDps, string? TargetId, string? ExistingId, DateTimeOffset ChangedAt);
