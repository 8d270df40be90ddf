namespace Migration.Sagas.Runs.Ledger;

/// <summary>Failed records that get another chance (protocol L12): by an operator's replay, or by a dead letter that came back.</summary>
public sealed class Reopenings(LedgerDatabase database)
{
    const string Sql =
        """
        with reopened as (
          select l.run_id, l.key from migration.ledger l join migration.runs r using (run_id)
          where l.run_id = $1 and l.key = any ($2) and l.state = 'Failed' and r.state not in ('Cancelling', 'Cancelled')
          order by l.run_id, l.key
          for no key update of l
        ), done as (
          update migration.ledger l
          set state = 'Pending', attempts = 0, mapping_attempts = 0, not_before = clock_timestamp(), sent_at = case when $4 then l.sent_at end, changed_at = clock_timestamp()
          from reopened o where l.run_id = o.run_id and l.key = o.key
          returning l.run_id
        ), delta as (
          select run_id, 'Failed' as state, -count(*) as n from done group by 1 union all select run_id, 'Pending', count(*) from done group by 1
        ), counted as (
          insert into migration.run_counters (run_id, slot, state, n) select run_id, $3, state, n from delta order by run_id, state
          on conflict (run_id, slot, state) do update set n = run_counters.n + excluded.n, changed_at = clock_timestamp()
        )
        select count(*) from done
        """;

    /// <summary>By a dead letter that came back. False when the record was not Failed any more, or its run is cancelled.</summary>
    /// <param name="hasMessage">The dead letter is the record's own, and goes on; otherwise the sweeper sends one.</param>
    public async Task<bool> ReopenAsync(string runId, string key, bool hasMessage, CancellationToken cancellationToken) =>
        await RunAsync(runId, [key], hasMessage, cancellationToken) > 0;

    /// <summary>By an operator: every Failed record of a run, or those of one cause; the sweeper sends the messages. Returns how many were reopened.</summary>
    /// <param name="fingerprint">The cause; null for all.</param>
    public async Task<long> ReplayAsync(string runId, string? fingerprint, CancellationToken cancellationToken)
    {
        // What fails again while the others are still being reopened has had its chance.
        var failedBefore = (await database.QueryAsync("select clock_timestamp()", x => x.GetFieldValue<DateTimeOffset>(0), cancellationToken)).Single();
        long replayed = 0;
        while (true)
        {
            var keys = await database.QueryAsync(
                "select key from migration.ledger where run_id = $1 and state = 'Failed' and changed_at < $3 and ($2::text is null or fingerprint = $2) order by key limit 1000",
                x => x.GetString(0), cancellationToken, runId, fingerprint, failedBefore);
            if (keys.Count == 0 || await RunAsync(runId, keys, hasMessage: false, cancellationToken) is not (> 0 and var reopened))
                return replayed;
            replayed += reopened;
        }
    }

    async Task<long> RunAsync(string runId, IReadOnlyCollection<string> keys, bool hasMessage, CancellationToken cancellationToken) =>
        (await database.QueryAsync(Sql, x => x.GetInt64(0), cancellationToken, runId, keys.ToArray(), database.Slot, hasMessage)).Single();
}
