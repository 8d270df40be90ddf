using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs;
using Migration.Sagas.Syncs.Sweeping;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>What is done with goes after its time, and what a person has still to look at stays.</summary>
public sealed class Ended_syncs_Specs : SyncFixture
{
    static readonly Guid Broad = Guid.NewGuid();

    [Test]
    public async Task Should_remove_what_ended_well_long_ago_with_its_transitions()
    {
        await AddAsync("Completed", daysAgo: 29, key: "old");
        await AddAsync("Ignored", daysAgo: 29, key: "old");
        await AddAsync("Compensated", daysAgo: 29, key: "old");
        var covering = await AddAsync("Completed", daysAgo: 29, key: "old");
        await Source.ExecuteAsync("update migration.syncs set state = 'Superseded', absorbed_by = $1, ended_at = received_at where correlation_id = $2", covering, await AddAsync("Completed", daysAgo: 30, key: "old"));
        await AddAsync("Completed", daysAgo: 27, key: "young");

        await SweepAsync();

        Assert.That(await Source.ListAsync("select key from migration.syncs"), Is.EqualTo(new[] { "young" }));
        Assert.That(await Source.ListAsync("select distinct subject from migration.transitions"), Is.EqualTo(new[] { "sync/things/thing/young" }));
    }

    [Test]
    public async Task Should_keep_what_a_person_has_to_look_at_and_what_goes_on()
    {
        await AddAsync("Failed", daysAgo: 500, key: "failed");
        await AddAsync("NeedsOperator", daysAgo: 500, key: "undecided");
        var flagged = await AddAsync("Completed", daysAgo: 500, key: "possible duplicate");
        await Source.ExecuteAsync("update migration.syncs set possible_duplicate = true where correlation_id = $1", flagged);
        var part = await AddAsync("Completed", daysAgo: 500, key: "part of one that goes on");
        await Source.ExecuteAsync("update migration.syncs set broad_id = $1 where correlation_id = $2", Broad, part);
        await AddAsync("AwaitingRecords", daysAgo: null, key: "goes on", Broad);

        await SweepAsync();

        Assert.That(await Source.ListAsync("select key from migration.syncs order by 1"), Is.EqualTo(new[] { "failed", "goes on", "part of one that goes on", "possible duplicate", "undecided" }));

        await Source.ExecuteAsync("update migration.syncs set state = 'Completed', due_at = null, ended_at = clock_timestamp() where correlation_id = $1", Broad);
        await SweepAsync();
        Assert.That(await Source.ListAsync("select key from migration.syncs where broad_id is not null"), Is.Empty);
    }

    [Test]
    public async Task Should_remove_replayed_events_and_closed_strays()
    {
        await Source.ExecuteAsync(
            """
            insert into migration.parked_events (id, domain, event_type, body, parked_at, replayed_at)
            select gen_random_uuid(), 'things', t, '{}', clock_timestamp() - interval '2 years', clock_timestamp() - r * interval '1 day'
            from (values ('parked', null), ('old', 29), ('young', 27)) v (t, r)
            """);
        await Source.ExecuteAsync("insert into migration.strays (record, target_id, reason, found_by, since) select 'things/thing/1', t, 'late', 'test', clock_timestamp() - interval '2 years' from unnest('{open,kept,closed}'::text[]) t");
        await Source.ExecuteAsync("update migration.strays set state = case target_id when 'kept' then 'Kept' else 'Compensated' end where target_id <> 'open'");

        await SweepAsync();

        Assert.That(await Source.ListAsync("select event_type from migration.parked_events order by 1"), Is.EqualTo(new[] { "parked", "young" }));
        Assert.That(await Source.ListAsync("select target_id from migration.strays order by 1"), Is.EqualTo(new[] { "closed", "kept", "open" }), "they were closed just now");

        await Source.ExecuteAsync("update migration.strays set closed_at = closed_at - interval '29 days'");
        await SweepAsync();
        Assert.That(await Source.ListAsync("select target_id from migration.strays"), Is.EqualTo(new[] { "open" }));
    }

    [Test]
    public void Should_not_be_told_to_forget_events_that_may_come_again()
    {
        var errors = new SyncOptions { KeepEndedSyncs = TimeSpan.FromDays(27) }.Validate(new ValidationContext(new object()));

        Assert.That(errors.Single().MemberNames, Is.EqualTo(new[] { nameof(SyncOptions.KeepEndedSyncs) }));
    }

    async Task SweepAsync()
    {
        await using var database = new LedgerDatabase(ConnectionString);
        await new EndedSyncs(database, Options.Create(Times()), NullLogger<EndedSyncs>.Instance).SweepAsync(default);
    }

    /// <param name="daysAgo">When it ended; null: not yet.</param>
    async Task<Guid> AddAsync(string state, int? daysAgo, string key, Guid? id = null)
    {
        var sync = id ?? Guid.NewGuid();
        await Source.ExecuteAsync(
            """
            insert into migration.syncs (correlation_id, state, domain, entity, key, mode, action, properties, lanes, lanes_held, step_no, attempts, pokes,
              awaited, is_creation_proved, possible_duplicate, received_at, begun_at, ended_at, due_at)
            select $1, $2, 'things', 'thing', $3, 'Upsert', 'test', '{}', '{}', 0, 1, 0, 0, '{}', false, false, e - interval '1 minute', e - interval '1 minute',
              case when $4 >= 0 then e end, case when $4 < 0 then e + interval '1 day' end
            from (select clock_timestamp() - greatest($4, 0) * interval '1 day') t (e)
            """, sync, state, key, daysAgo ?? -1);
        return sync;
    }
}
