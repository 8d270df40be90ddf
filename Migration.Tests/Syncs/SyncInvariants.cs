using Migration.Tests.Infrastructure;
using Npgsql;

namespace Migration.Tests.Syncs;

/// <summary>What holds in every snapshot of the sync engine's tables (protocol section 12), each a query that finds offenders. All are asked of one snapshot.</summary>
static class SyncInvariants
{
    static readonly (string Rule, string Offenders)[] Rules =
    [
        ("2: waiting is the number of waiters",
            "select lane from migration.lanes l where waiting <> (select count(*) from migration.lane_waiters w where w.lane = l.lane)"),
        ("2: a lane with waiters has a row",
            "select lane from migration.lane_waiters w where not exists (select from migration.lanes l where l.lane = w.lane)"),
        ("3: who works holds all its lanes",
            """
            select s.correlation_id::text from migration.syncs s where s.state in ('Grace', 'Pushing', 'WritingMapping', 'Compensating', 'AwaitingRecords')
              and (s.lanes_held <> cardinality(s.lanes) or (select count(*) from migration.lanes l where l.holder = s.correlation_id) <> cardinality(s.lanes))
            """),
        ("3: who waits holds a prefix, and may have been handed one more",
            """
            select s.correlation_id::text from migration.syncs s where s.state = 'Queued'
              and (select count(*) from migration.lanes l where l.holder = s.correlation_id) not in (s.lanes_held, s.lanes_held + 1)
            """),
        ("3: all others hold none",
            """
            select s.correlation_id::text from migration.syncs s where s.state in ('AwaitingParent', 'Completed', 'Ignored', 'Superseded', 'Compensated', 'NeedsOperator', 'Failed')
              and exists (select from migration.lanes l where l.holder = s.correlation_id)
            """),
        ("3: a sync's lane is held by a sync that has not ended",
            """
            select l.lane from migration.lanes l left join migration.syncs s on s.correlation_id = l.holder
            where l.kind = 'sync' and (s.correlation_id is null or s.ended_at is not null or not l.lane = any (s.lanes))
            """),
        ("3: who waits in a lane is queued for that lane, and holds those before it",
            """
            select w.lane || ' ' || w.sync_id from migration.lane_waiters w left join migration.syncs s on s.correlation_id = w.sync_id
            where s.correlation_id is null or s.state <> 'Queued' or w.lane <> s.lanes[s.lanes_held + 1]
            """),
        ("7: only a step that changes a target has a mark",
            "select correlation_id::text from migration.syncs where step_token is not null and state not in ('Pushing', 'Compensating')"),
        ("11: a lane is open only until its holder begins",
            """
            select l.lane from migration.lanes l join migration.syncs s on s.correlation_id = l.holder
            where l.phase = 'open' and s.state not in ('Queued', 'Grace')
            """),
        ("11: what was pushed was read after it arrived",
            "select correlation_id::text from migration.syncs where begun_at < received_at or (state = 'Completed' and begun_at is null and mode <> 'Compensate')"),
        ("12: who is queued waits in its lane, or was handed it",
            """
            select s.correlation_id::text from migration.syncs s where s.state = 'Queued'
              and not exists (select from migration.lane_waiters w where w.sync_id = s.correlation_id)
              and not exists (select from migration.lanes l where l.holder = s.correlation_id and l.lane = s.lanes[s.lanes_held + 1])
            """),
        ("11: who is covered is covered by one that began later than it arrived",
            """
            select s.correlation_id::text from migration.syncs s left join migration.syncs a on a.correlation_id = s.absorbed_by
            where s.state = 'Superseded' and (a.correlation_id is null or a.begun_at < s.received_at)
            """),
        ("12: who waits for time or a step has a time",
            "select correlation_id::text from migration.syncs where state in ('Grace', 'Pushing', 'WritingMapping', 'Compensating', 'AwaitingRecords', 'AwaitingParent') and due_at is null"),
        ("12: who has ended is not looked after",
            "select correlation_id::text from migration.syncs where ended_at is not null and due_at is not null"),
        ("8: a step that has begun says what it may do",
            "select correlation_id::text from migration.syncs where (step_token is null) <> (step_kind is null)"),
    ];

    const string Unaccounted =
        """
        select c.id from unnest($1::text[], $2::text[]) c (id, record)
        where not exists (select from migration.strays s where s.record = c.record and s.target_id = c.id)
          and not exists (select from migration.ambiguous a where a.record = c.record and a.kind = 'create')
          and not exists (select from migration.syncs s where s.domain || '/' || s.entity || '/' || s.key = c.record
                          and (s.possible_duplicate or s.step_kind = 'create' or (s.created_target_id = c.id and s.state in ('WritingMapping', 'Compensating'))))
          and not exists (select from migration.ledger l join migration.runs r using (run_id)
                          where r.domain || '/thing/' || l.key = c.record and (l.state = 'Claimed' or l.possible_duplicate or (l.state = 'MappingPending' and l.target_id = c.id)))
        """;

    /// <summary>The rules that the tables alone can tell.</summary>
    public static async Task CheckAsync(NpgsqlDataSource source) => Assert.That(await BrokenAsync(source), Is.Empty);

    public static async Task CheckAsync(NpgsqlDataSource source, FakeSyncEstate estate)
    {
        // 10: what we created is mapped, or somebody knows of it. What was created before the look; what is mapped, after it.
        var created = estate.UnmappedCreations();
        var unknown = await source.ListAsync(Unaccounted, created.Select(x => x.Id).ToArray(), created.Select(x => $"{FakeSyncDomain.Things}/{FakeSyncDomain.Thing}/{x.Key}").ToArray());
        var broken = await BrokenAsync(source);
        broken.AddRange(estate.UnmappedCreations().Select(x => x.Id).Intersect(unknown).Select(x => $"10: {x} was created and nobody knows of it"));
        Assert.That(broken, Is.Empty);
    }

    static async Task<List<string>> BrokenAsync(NpgsqlDataSource source) =>
        [.. await source.ListAsync(string.Join(" union all ", Rules.Select(x => $"select '{x.Rule.Replace("'", "''")}: ' || x.offender from ({x.Offenders}) x (offender)")))];
}
