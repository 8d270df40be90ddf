using Migration.Tests.Infrastructure;
using Npgsql;

namespace Migration.Tests.Syncs;

/// <summary>What holds in every snapshot of the sync engine's tables (protocol section 12), each a query that finds offenders.</summary>
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

    public static async Task CheckAsync(NpgsqlDataSource source)
    {
        var broken = new List<string>();
        foreach (var (rule, offenders) in Rules)
            broken.AddRange((await source.ListAsync(offenders)).Select(x => $"{rule}: {x}"));
        Assert.That(broken, Is.Empty);
    }
}
