using Npgsql;

namespace Migration.Tests.Infrastructure;

/// <summary>What holds in every snapshot, whatever has happened (protocol section 12). One statement, so that all is seen at one moment.</summary>
public static class Invariants
{
    const string Violations =
        """
        select '1: row ' || l.run_id || '/' || l.key || ' is ' || l.state || ' without its lane'
        from migration.ledger l left join migration.lanes n on n.kind = 'claim' and n.holder = l.claimed_by
        where l.state in ('Claimed', 'MappingPending') and n.lane is null
        union all
        select '1: lane ' || n.lane || ' is held by no row'
        from migration.lanes n left join migration.ledger l on l.claimed_by = n.holder and l.state in ('Claimed', 'MappingPending')
        where n.kind = 'claim' and l.key is null
        union all
        select '1: row ' || run_id || '/' || key || ' is ' || state || ' and still has a holder'
        from migration.ledger where state not in ('Claimed', 'MappingPending') and (claimed_by is not null or claimed_until is not null)
        union all
        select '2: lane ' || coalesce(n.lane, w.lane) || ' says ' || coalesce(n.waiting::text, 'nothing') || ' of ' || coalesce(w.n, 0) || ' waiters'
        from migration.lanes n full join (select lane, count(*) as n from migration.lane_waiters group by lane) w using (lane)
        where n.lane is null or n.waiting <> coalesce(w.n, 0)
        union all
        select '4: ' || coalesce(c.run_id, l.run_id) || ' counts ' || coalesce(c.n, 0) || ' ' || coalesce(c.state, l.state) || ', there are ' || coalesce(l.n, 0)
        from (select run_id, state, sum(n) as n from migration.run_counters group by 1, 2) c
        full join (select run_id, state, count(*) as n from migration.ledger group by 1, 2) l using (run_id, state)
        where coalesce(c.n, 0) <> coalesce(l.n, 0)
        union all
        select '5: ' || r.run_id || ' is Cancelled, ' || l.key || ' is ' || l.state
        from migration.runs r join migration.ledger l using (run_id) where r.state = 'Cancelled' and l.state in ('Claimed', 'MappingPending')
        union all
        select '5: ' || r.run_id || ' is Completed, page ' || p.page_key || ' is Open'
        from migration.runs r join migration.run_pages p using (run_id) where r.state = 'Completed' and p.state = 'Open'
        union all
        select '5: ' || r.run_id || ' is Completed, ' || l.key || ' is ' || l.state || ' and was not reopened'
        from migration.runs r join migration.ledger l using (run_id)
        where r.state = 'Completed' and l.state in ('Pending', 'Claimed', 'MappingPending') and l.changed_at <= r.ended_at
        union all
        select '6: ' || domain || ' has ' || count(*) || ' active runs'
        from migration.runs where state in ('Requested', 'Estimating', 'Paging', 'Migrating', 'Cancelling') group by domain having count(*) > 1
        union all
        select '8: ' || k.record || ' is being created without evidence'
        from unnest($1::text[]) k (record)
        where not exists (select from migration.ambiguous a where a.record = k.record)
          and not exists (select from migration.ledger l join migration.runs r using (run_id)
                          where r.domain || '/thing/' || l.key = k.record and l.state = 'Claimed')
        union all
        select '12: ' || run_id || '/' || key || ' is ' || state || ' and nothing would wake it'
        from migration.ledger
        where state = 'Claimed' and claimed_until is null or state = 'MappingPending' and (target_id is null or claimed_by is null)
        union all
        select '12: run ' || run_id || ' is ' || state || ' and nothing would wake it'
        from migration.runs where state in ('Requested', 'Estimating', 'Paging', 'Migrating', 'Cancelling') and next_check_at is null
        """;

    /// <summary>Records of the target that the database says nothing of: no stray, no ambiguity, no claim, no flag.</summary>
    const string Unaccounted =
        """
        select c.id from unnest($2::text[], $3::text[]) c (record, id)
        where not exists (select from migration.strays s where s.record = c.record and s.target_id = c.id)
          and not exists (select from migration.ambiguous a where a.record = c.record)
          and not exists (select from migration.ledger l join migration.runs r using (run_id)
                          where r.domain || '/thing/' || l.key = c.record
                            and (l.state = 'Claimed' or l.possible_duplicate or l.state = 'MappingPending' and l.target_id = c.id))
        """;

    public static Task CheckAsync(NpgsqlDataSource source) => CheckAsync(source, new TargetView());

    /// <param name="source">The service's database.</param>
    /// <param name="target">What the target knows; its records must all be accounted for.</param>
    public static async Task CheckAsync(NpgsqlDataSource source, ITargetView target)
    {
        // Before the snapshot what was created, after it what is mapped: nothing that is on its way counts as a violation.
        var (created, begun) = (target.Created(), target.CreatesUnderWay());
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        // A look at the database that begins after the calls: those which are still under way afterwards were so all the time.
        var unaccounted = await ReadAsync(connection, Unaccounted, [], created);
        var stillUnderWay = begun.Intersect(target.CreatesUnderWay()).Select(x => x.Record).ToArray();
        var violations = await ReadAsync(connection, Violations, stillUnderWay, created);
        violations.AddRange(unaccounted.Where(x => !target.IsMapped(x)).Select(x => $"10: {x} was created and nobody knows of it"));
        Assert.That(violations, Is.Empty);
    }

    static async Task<List<string>> ReadAsync(NpgsqlConnection connection, string sql, string[] begun, IReadOnlyCollection<(string Record, string Id)> created)
    {
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters =
            {
                new() { Value = begun }, new() { Value = created.Select(x => x.Record).ToArray() }, new() { Value = created.Select(x => x.Id).ToArray() },
            },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    sealed class TargetView : ITargetView
    {
        public IReadOnlyCollection<(string Record, string Id)> Created() => [];
        public IReadOnlyCollection<(string Record, int Call)> CreatesUnderWay() => [];
        public bool IsMapped(string id) => false;
    }
}

/// <summary>A target's side of the truth.</summary>
public interface ITargetView
{
    /// <summary>All that was ever created.</summary>
    IReadOnlyCollection<(string Record, string Id)> Created();

    /// <summary>Create calls that have begun and whose caller has no answer yet.</summary>
    IReadOnlyCollection<(string Record, int Call)> CreatesUnderWay();

    bool IsMapped(string id);
}
