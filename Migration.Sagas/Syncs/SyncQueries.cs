using Migration.Contracts.Syncs;
using Migration.Sagas.Runs.Ledger;
using Npgsql;

namespace Migration.Sagas.Syncs;

/// <summary>What operators see of syncs, and of records of ours that no mapping names.</summary>
public sealed class SyncQueries(LedgerDatabase database)
{
    const string Columns =
        """
        select correlation_id, domain, entity, key, action, mode, state, state_reason, attempts, error, fingerprint, created_target_id, existing_target_id,
               possible_duplicate, absorbed_by, received_at, begun_at, ended_at
        from migration.syncs
        """;

    const string StrayColumns = "select id, record, target_id, reason, found_by, since, state from migration.strays";

    /// <summary>Newest first.</summary>
    /// <param name="domain">Null for every domain.</param>
    /// <param name="state">See <see cref="SyncState"/>; null for every state.</param>
    /// <param name="record">domain/entity/key; null for every record.</param>
    /// <param name="possibleDuplicate">Whether a create of unknown end was made again; null for all.</param>
    public Task<List<SyncSummary>> ListAsync(string? domain, string? state, string? record, bool? possibleDuplicate, int page, int size, CancellationToken cancellationToken) => database.QueryAsync(
        Columns + """

         where ($1::text is null or domain = $1) and ($2::text is null or state = $2) and ($3::text is null or domain || '/' || entity || '/' || key = $3)
          and ($4::bool is null or possible_duplicate = $4)
        order by received_at desc, correlation_id offset $5 limit $6
        """, Read, cancellationToken, domain, state, record, possibleDuplicate, (long)page * size, size);

    /// <summary>How many are in which state: all that go on, and those that ended within the last hour.</summary>
    public Task<List<SyncCount>> CountAsync(CancellationToken cancellationToken) => database.QueryAsync(
        "select domain, state, sum(syncs)::bigint from dashboard.syncs_by_state group by domain, state order by domain, state",
        x => new SyncCount(x.GetString(0), x.GetString(1), x.GetInt64(2)), cancellationToken);

    /// <summary>Null when there is no such sync.</summary>
    public async Task<SyncSummary?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await database.QueryAsync(Columns + " where correlation_id = $1", Read, cancellationToken, id)).SingleOrDefault();

    /// <summary>How the sync came to where it is, oldest first.</summary>
    public Task<List<SyncTransition>> ListTransitionsAsync(Guid id, CancellationToken cancellationToken) => database.QueryAsync(
        "select at, from_state, to_state, reason, who from migration.transitions where saga_id = $1 order by id",
        x => new SyncTransition(x.GetFieldValue<DateTimeOffset>(0), x.GetString(1), x.GetString(2), Text(x, 3), Text(x, 4)), cancellationToken, id);

    /// <summary>Records of ours that no mapping names, oldest first.</summary>
    /// <param name="state">Open, Compensated or Kept.</param>
    public Task<List<Stray>> ListStraysAsync(string state, int page, int size, CancellationToken cancellationToken) => database.QueryAsync(
        StrayColumns + " where state = $1 order by since, id offset $2 limit $3", ReadStray, cancellationToken, state, (long)page * size, size);

    /// <summary>Null when there is no such one.</summary>
    public async Task<Stray?> FindStrayAsync(long id, CancellationToken cancellationToken) =>
        (await database.QueryAsync(StrayColumns + " where id = $1", ReadStray, cancellationToken, id)).SingleOrDefault();

    static SyncSummary Read(NpgsqlDataReader x) => new(
        x.GetGuid(0), x.GetString(1), x.GetString(2), x.GetString(3), x.GetString(4), x.GetString(5), x.GetString(6), Text(x, 7), x.GetInt32(8), Text(x, 9), Text(x, 10),
        Text(x, 11), Text(x, 12), x.GetBoolean(13), x.IsDBNull(14) ? null : x.GetGuid(14), x.GetFieldValue<DateTimeOffset>(15), Time(x, 16), Time(x, 17));

    static Stray ReadStray(NpgsqlDataReader x) => new(
        x.GetInt64(0), x.GetString(1), x.GetString(2), x.GetString(3), x.GetString(4), x.GetFieldValue<DateTimeOffset>(5), x.GetString(6));

    static string? Text(NpgsqlDataReader x, int column) => x.IsDBNull(column) ? null : x.GetString(column);

    static DateTimeOffset? Time(NpgsqlDataReader x, int column) => x.IsDBNull(column) ? null : x.GetFieldValue<DateTimeOffset>(column);
}

/// <summary>A sync as operators see it; the columns of <c>migration.syncs</c>.</summary>
public sealed record SyncSummary(
    Guid SyncId, string Domain, string Entity, string Key, string Action, string Mode, string State, string? Reason, int Attempts, string? Error, string? Fingerprint,
    string? CreatedTargetId, string? ExistingTargetId, bool PossibleDuplicate, Guid? AbsorbedBy, DateTimeOffset ReceivedAt, DateTimeOffset? BegunAt, DateTimeOffset? EndedAt)
{
    public bool HasEnded => SyncState.Ended.Contains(State);
}

/// <param name="State">See <see cref="SyncState"/>.</param>
public sealed record SyncCount(string Domain, string State, long Count);

public sealed record SyncTransition(DateTimeOffset At, string From, string To, string? Reason, string? Who);

/// <param name="Id">Number by which an operator names it.</param>
/// <param name="Record">domain/entity/key.</param>
/// <param name="TargetId">The record in DPS.</param>
/// <param name="Reason">late, duplicate, second look, or unproved: one that is not proved to be our own.</param>
/// <param name="State">Open, Compensated or Kept.</param>
public sealed record Stray(long Id, string Record, string TargetId, string Reason, string FoundBy, DateTimeOffset Since, string State);
