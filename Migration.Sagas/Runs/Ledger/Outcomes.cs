using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Contracts.Syncs;
using Migration.Sagas.Persistence;
using Migration.Sagas.Syncs.Lanes;
using Npgsql;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>Writes outcomes in groups. Only the current token of a record is heard; what a late one created is kept.</summary>
public sealed class Outcomes : IAsyncDisposable
{
    internal static readonly string OutcomeSql = SqlResource.Read("Runs.Ledger.outcome.sql");

    const string KeepStray = "insert into migration.strays (record, target_id, reason, found_by) values ($1, $2, 'late', 'step') on conflict (record, target_id) do nothing";

    // The row holds one created record; what a second holder created meanwhile is listed, and closed if a mapping names it.
    const string KeepAmbiguity =
        """
        with kept as (
          insert into migration.ambiguous (record, kind, look_after, target_id) values ($1, $2, clock_timestamp() + $3, $4)
          on conflict (record, kind) do update
            set since = clock_timestamp(), look_after = excluded.look_after, target_id = coalesce(ambiguous.target_id, excluded.target_id), unknown = true
          returning target_id
        )
        insert into migration.strays (record, target_id, reason, found_by)
        select $1, $4, 'late', 'step' from kept where target_id <> $4
        on conflict (record, target_id) do nothing
        """;

    readonly LedgerDatabase _database;
    readonly EngineOptions _options;
    readonly GrantedLanes _lanes;
    readonly GroupCommit<OutcomeEntry, Written> _group;

    public Outcomes(LedgerDatabase database, IOptions<EngineOptions> options, GrantedLanes lanes)
    {
        (_database, _options, _lanes) = (database, options.Value, lanes);
        _group = new(database.Commits, WriteAsync, x => x.RunId + "/" + x.Key, _options.GroupSize, _options.CommitPatience);
    }

    /// <summary>
    /// Ends when the outcome is on disk. True: it counts. False: another holder has taken over; a record that this attempt
    /// created is then listed as a stray, or as ambiguous when this attempt has mapped it or does not know its end.
    /// </summary>
    public async Task<bool> WriteAsync(OutcomeEntry entry, CancellationToken cancellationToken)
    {
        var written = await _group.ExecuteAsync(entry, cancellationToken);
        await _lanes.TellAsync(written.Granted, cancellationToken);
        if (written.IsAccepted)
            return true;
        if (await IsWrittenAlreadyAsync(entry, cancellationToken))
            return true;
        await KeepLateResultAsync(entry, cancellationToken);
        return false;
    }

    async Task<IReadOnlyList<Written>> WriteAsync(NpgsqlConnection connection, IReadOnlyList<OutcomeEntry> entries)
    {
        var (accepted, granted) = await WriteAsync(connection, entries, _database.Slot, _options.SettleTime, "step", isMessageLost: false);
        // One tells for the whole group.
        return [.. entries.Select((x, i) => new Written(accepted.Contains(x.Token), i == 0 ? granted : []))];
    }

    /// <summary>
    /// The outcome statement and then the hand-over of lanes: one transaction (the caller's, if there is one), two
    /// statements. Returns the tokens that were heard, and what is to be told of lanes after the commit.
    /// </summary>
    internal static async Task<(HashSet<Guid> Accepted, IReadOnlyList<LaneGranted> Granted)> WriteAsync(NpgsqlConnection connection, IReadOnlyList<OutcomeEntry> entries, string slot, TimeSpan settleTime,
        string who, bool isMessageLost)
    {
        var leaving = entries.Where(x => x.Outcome.State != RecordState.MappingPending).Select(x => x.Token).ToArray();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                LedgerDatabase.Statement(OutcomeSql,
                    Column(x => x.RunId), Column(x => x.Key), Column(x => x.Record), Column(x => x.ClaimNo), Column(x => x.Token),
                    Column(x => x.Outcome.State), Column(x => x.Outcome.TargetId), Column(x => x.Outcome.ExistingId),
                    Column(x => x.Outcome.IsUnknown), Column(x => x.Outcome.IsPossibleDuplicate), Column(x => x.Outcome.Reason), Column(x => x.Outcome.Error),
                    Column(x => x.Outcome.Fingerprint), Column(x => x.Outcome.StrayId), Column(x => x.Outcome.UnmappedId), Column(x => x.Kind),
                    Column(x => x.Outcome.IsReleased), slot, settleTime, who, isMessageLost),
                LedgerDatabase.Statement(GrantedLanes.HandOverSql, (object)leaving),
            },
        };
        var accepted = new HashSet<Guid>();
        await using var reader = await batch.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            accepted.Add(reader.GetGuid(0));
        var granted = new List<LaneGranted>();
        while (await reader.NextResultAsync()) // the commit has happened when the last result has been read
        {
            while (await reader.ReadAsync())
                granted.Add(GrantedLanes.Read(reader));
        }
        return (accepted, granted);

        T[] Column<T>(Func<OutcomeEntry, T> value) => [.. entries.Select(value)];
    }

    async Task<bool> IsWrittenAlreadyAsync(OutcomeEntry entry, CancellationToken cancellationToken)
    {
        var found = await _database.QueryAsync("select claim_no, state, target_id from migration.ledger where run_id = $1 and key = $2",
            x => (ClaimNo: x.GetInt32(0), State: x.GetString(1), TargetId: x.IsDBNull(2) ? null : x.GetString(2)), cancellationToken, entry.RunId, entry.Key);
        return found.Count == 1 && found[0].ClaimNo == entry.ClaimNo && found[0].State is not RecordState.Claimed
            && (found[0].State == entry.Outcome.State || (entry.Outcome.CreatedId is { } created && created == found[0].TargetId))
            // the sweeper, too, may have failed it: without the id that waits for its mapping
            && (entry.Outcome.UnmappedId is not { } unmapped || unmapped == found[0].TargetId);
    }

    // A record that a mapping shuts out is a stray. Any other that was created may be mapped by now, its answer lost to this
    // attempt, or by whoever comes next: it is kept by its id until the second look has read the mapping.
    Task KeepLateResultAsync(OutcomeEntry entry, CancellationToken cancellationToken)
    {
        var outcome = entry.Outcome;
        if (outcome.StrayId is { } stray)
            return _database.ExecuteAsync(KeepStray, cancellationToken, entry.Record, stray);
        if (outcome.CreatedId is null && !outcome.IsUnknown)
            return Task.CompletedTask;
        var awaitsMapping = outcome.MappedByThisAttempt ? null : outcome.CreatedId;
        return _database.ExecuteAsync(KeepAmbiguity, cancellationToken, entry.Record, entry.Kind, _options.SettleTime, awaitsMapping);
    }

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    sealed record Written(bool IsAccepted, IReadOnlyList<LaneGranted> Granted);
}

/// <summary>An outcome with the token that guards it.</summary>
/// <param name="Record">domain/entity/key.</param>
/// <param name="Kind">What an unknown call would have done: create, replace or set.</param>
public sealed record OutcomeEntry(string RunId, string Key, string Record, int ClaimNo, Guid Token, RecordOutcome Outcome, string Kind);
