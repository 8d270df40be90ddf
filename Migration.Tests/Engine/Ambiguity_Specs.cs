using Migration.Contracts.Runs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

public class Ambiguity_Specs : EngineFixture
{
    [Test]
    public async Task Should_adopt_the_record_of_a_create_whose_answer_was_lost()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Estate.FailAfter(Call.Create, "1", Ending.NoAnswer);

        var first = await pod.MigrateAsync(run, "1");
        Assert.That(first.IsAcknowledged, Is.False);
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "1" }));
        await pod.MigrateAsync(run, "1");

        Assert.That(Estate.CreatedFor("1"), Has.Count.EqualTo(1));
        Assert.That(Estate.MappedTo("1"), Is.EqualTo(Estate.CreatedFor("1")[0]));
        Assert.That((await RowAsync(run, "1")).PossibleDuplicate, Is.False);
    }

    [Test]
    public async Task Should_flag_the_record_when_the_target_cannot_be_searched()
    {
        var pod = StartPod(isTargetSearchable: false);
        var run = await AddRunAsync("1");
        Estate.FailAfter(Call.Create, "1", Ending.NoAnswer);

        await pod.MigrateAsync(run, "1");
        await pod.MigrateAsync(run, "1");

        var row = await RowAsync(run, "1");
        Assert.That(Estate.CreatedFor("1"), Has.Count.EqualTo(2));
        Assert.That((row.State, row.PossibleDuplicate), Is.EqualTo((RecordState.Migrated, true)));
        await SettleAsync();
        await pod.SweepSecondLooksAsync();
        Assert.That(await AmbiguousAsync(), Is.Empty, "the flag says it all");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_never_simply_create_again_after_a_kill_between_create_and_mapping(bool isTargetSearchable)
    {
        var (killed, next) = (StartPod("pod-a", isTargetSearchable), StartPod("pod-b", isTargetSearchable));
        var run = await AddRunAsync("1");
        Estate.FailBefore(Call.Map, "1", Ending.Killed);

        await killed.MigrateAsync(run, "1");
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Claimed));
        await ExpireAndSweepAsync(next, run, "1");
        await next.MigrateAsync(run, "1");

        var row = await RowAsync(run, "1");
        Assert.That(row.State, Is.EqualTo(RecordState.Migrated));
        Assert.That((Estate.CreatedFor("1").Count, row.PossibleDuplicate), Is.EqualTo(isTargetSearchable ? (1, false) : (2, true)));
    }

    [Test]
    public async Task Should_find_the_stray_at_the_second_look_when_the_first_look_came_before_the_call_landed()
    {
        var (slow, quick) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        var late = await MigrateTooLongAsync(Estate.HoldBefore(Call.Create, "1"), slow, quick, run);
        await quick.MigrateAsync(run, "1");
        Assert.That((await RowAsync(run, "1")).PossibleDuplicate, Is.True);

        // it lands, and its process dies
        Estate.FailBefore(Call.Map, "1", Ending.Killed);
        await late.ReleaseAsync();
        await quick.SweepSecondLooksAsync();
        Assert.That(await StraysAsync(), Is.Empty, "not before the call can no longer land");
        await SettleAsync();
        await quick.SweepSecondLooksAsync();

        Assert.That(await StraysAsync(), Is.EqualTo(new[] { Estate.CreatedFor("1")[1] }));
        Assert.That(await AmbiguousAsync(), Is.Empty);
        Assert.That(Estate.MappedTo("1"), Is.EqualTo(Estate.CreatedFor("1")[0]));
    }

    [TestCase(RecordState.Pending)]
    [TestCase(RecordState.Failed)]
    public async Task Should_keep_a_created_record_for_the_next_holder_when_the_look_comes_first(string state)
    {
        var pod = StartPod(options: new() { MaxAttempts = state == RecordState.Failed ? 1 : 5, SenderGrace = TimeSpan.Zero });
        var run = await AddRunAsync("1");
        Estate.FailAfter(Call.Create, "1", Ending.NoAnswer);
        await pod.MigrateAsync(run, "1");
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(state));

        await SettleAsync();
        await pod.SweepSecondLooksAsync();
        Assert.That(await StraysAsync(), Is.Empty, "the next holder would adopt it");
        Assert.That(await AmbiguousTargetsAsync(), Is.EqualTo(Estate.CreatedFor("1")));
        await pod.Reopenings.ReplayAsync(run, fingerprint: null, CancellationToken.None);
        await pod.MigrateAsync(run, "1");

        Assert.That(Estate.CreatedFor("1"), Is.EqualTo(new[] { Estate.MappedTo("1") }));
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_flag_the_record_at_the_second_look_when_a_mapping_hides_what_cannot_be_searched()
    {
        var (killed, next) = (StartPod("pod-a", isTargetSearchable: false), StartPod("pod-b", isTargetSearchable: false));
        var run = await AddRunAsync("1");
        Estate.FailAfter(Call.Map, "1", Ending.Killed);
        await killed.MigrateAsync(run, "1");
        await ExpireAndSweepAsync(next, run, "1");
        await next.MigrateAsync(run, "1");

        await SettleAsync();
        await next.SweepSecondLooksAsync();

        var row = await RowAsync(run, "1");
        Assert.That((row.State, row.PossibleDuplicate), Is.EqualTo((RecordState.Migrated, true)), "nobody knows what else the holder has sent");
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_look_at_the_others_when_one_record_cannot_be_settled()
    {
        var pod = StartPod(isTargetSearchable: false);
        var keys = Enumerable.Range(0, 150).Select(x => $"{x:000}").ToArray();
        var run = await AddRunAsync(keys);
        // a hundred that nobody will settle, older than the rest
        await ExecuteAsync("update migration.ledger set state = 'Failed' where key < '100'");
        await ExecuteAsync("update migration.ledger set state = 'Migrated', possible_duplicate = true where key >= '100'");
        await ExecuteAsync("delete from migration.run_counters");
        await ExecuteAsync("insert into migration.run_counters (run_id, slot, state, n) select run_id, 'test', state, count(*) from migration.ledger group by 1, 3");
        foreach (var key in keys.Skip(100))
            Estate.AddMapping(key, "dps-" + key, run);
        await ExecuteAsync("insert into migration.ambiguous (record, kind, look_after) select 'things/thing/' || key, 'create', clock_timestamp() - interval '1 hour' + key::int * interval '1 second' from migration.ledger");

        await pod.SweepSecondLooksAsync();
        await pod.SweepSecondLooksAsync();

        Assert.That(await AmbiguousAsync(), Is.EqualTo(keys.Take(100)));
    }

    [Test]
    public async Task Should_count_a_record_as_migrated_when_its_process_was_killed_after_the_mapping()
    {
        var (killed, next) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        Estate.FailAfter(Call.Map, "1", Ending.Killed);

        await killed.MigrateAsync(run, "1");
        await ExpireAndSweepAsync(next, run, "1");
        await next.MigrateAsync(run, "1");

        var row = await RowAsync(run, "1");
        Assert.That((row.State, row.TargetId), Is.EqualTo((RecordState.Migrated, Estate.MappedTo("1"))));
        Assert.That(Estate.CreatedFor("1"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_not_look_while_somebody_works_on_the_record()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Estate.FailAfter(Call.Create, "1", Ending.NoAnswer);
        await pod.MigrateAsync(run, "1");
        await SettleAsync();
        var second = await MigrateUntilAsync(Estate.HoldBefore(Call.Map, "1"), pod, run);

        await pod.SweepSecondLooksAsync();
        Assert.That(await StraysAsync(), Is.Empty);
        await second.ReleaseAsync();

        await pod.SweepSecondLooksAsync();
        Assert.That(await StraysAsync(), Is.Empty);
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    /// <summary>An operator's row, a table of protocol section 4: how the create ended, and what the record's row says then.</summary>
    static IEnumerable<TestCaseData> EndsOfCreate()
    {
        foreach (var status in new[] { 401, 403, 429 })
            yield return Case(Ending.Answered(status), RecordState.Pending, isUnknown: false);
        foreach (var status in new[] { 400, 404, 409, 410, 415 })
            yield return Case(Ending.Answered(status), RecordState.Failed, isUnknown: false);
        yield return Case(Ending.Answered(422), RecordState.Rejected, isUnknown: false);
        yield return Case(Ending.NotSent, RecordState.Pending, isUnknown: false);
        foreach (var status in new[] { 408, 500, 502, 503, 504 })
            yield return Case(Ending.Answered(status), RecordState.Pending, isUnknown: true);
        yield return Case(Ending.NoAnswer, RecordState.Pending, isUnknown: true);
        yield return Case(Ending.WithoutId, RecordState.Pending, isUnknown: true);

        static TestCaseData Case(Ending ending, string state, bool isUnknown) =>
            new TestCaseData(ending, state, isUnknown).SetArgDisplayNames($"{ending} is {state}{(isUnknown ? ", unknown" : "")}");
    }

    [TestCaseSource(nameof(EndsOfCreate))]
    public async Task Should_know_what_the_end_of_a_create_means(Ending ending, string state, bool isUnknown)
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        if (isUnknown)
            Estate.FailAfter(Call.Create, "1", ending);
        else
            Estate.FailBefore(Call.Create, "1", ending);

        var delivery = await pod.MigrateAsync(run, "1");

        Assert.Multiple(async () =>
        {
            Assert.That(await StateAsync(run, "1"), Is.EqualTo(state));
            Assert.That(await AmbiguousAsync(), isUnknown ? Is.EqualTo(new[] { "1" }) : Is.Empty);
            Assert.That(delivery.IsAcknowledged, Is.EqualTo(state is RecordState.Rejected or RecordState.Failed), "what can never succeed does not come back");
        });
        if (state == RecordState.Pending)
        {
            await pod.MigrateAsync(run, "1");
            Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
            Assert.That(Estate.CreatedFor("1"), Has.Count.EqualTo(1));
        }
    }

    static IEnumerable<Ending> EndsOfMap() =>
        [.. new[] { 401, 403, 408, 429, 500, 503 }.Select(Ending.Answered), Ending.NotSent, Ending.NoAnswer];

    [TestCaseSource(nameof(EndsOfMap))]
    public async Task Should_owe_only_the_mapping_when_it_could_not_be_written(Ending ending)
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Estate.FailBefore(Call.Map, "1", ending);

        var delivery = await pod.MigrateAsync(run, "1");

        Assert.That(delivery.IsAcknowledged, Is.True);
        var row = await RowAsync(run, "1");
        Assert.That((row.State, row.TargetId), Is.EqualTo((RecordState.MappingPending, Estate.CreatedFor("1")[0])));
        await pod.DeliverAsync(pod.TakeSent().OfType<WriteMapping>().Single());
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(Estate.CreatedFor("1"), Has.Count.EqualTo(1));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_end_the_record_at_once_when_its_mapping_is_refused_for_good(bool isOwed)
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        if (isOwed)
            Estate.FailBefore(Call.Map, "1", Ending.Answered(503));
        Estate.FailBefore(Call.Map, "1", Ending.Answered(400));
        var delivery = await pod.MigrateAsync(run, "1");
        if (isOwed)
            delivery = await pod.DeliverAsync(pod.TakeSent().OfType<WriteMapping>().Single());

        Assert.That(delivery.IsAcknowledged, Is.True, "its row is where it is listed");
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed));
        Assert.That(Estate.Count(Call.Map, "1"), Is.EqualTo(isOwed ? 2 : 1));
        Assert.That(await AmbiguousTargetsAsync(), Is.EqualTo(Estate.CreatedFor("1")), "whoever comes next maps it");

        await pod.Reopenings.ReplayAsync(run, fingerprint: null, CancellationToken.None);
        await pod.MigrateAsync(run, "1");
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(Estate.CreatedFor("1"), Is.EqualTo(new[] { Estate.MappedTo("1") }));
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_map_the_created_record_after_its_mapping_was_given_up()
    {
        var pod = StartPod(options: new() { MaxAttempts = 2, SenderGrace = TimeSpan.Zero });
        var run = await AddRunAsync("1");
        Estate.Otherwise = (call, _) => call == Call.Map ? CallPlan.FailingBefore(Ending.Answered(500)) : null;
        await pod.MigrateAsync(run, "1");
        var message = pod.TakeSent().OfType<WriteMapping>().Single();
        var deliveries = new[] { await pod.DeliverAsync(message), await pod.DeliverAsync(message) };

        Assert.That(deliveries.Select(x => x.IsAcknowledged), Is.EqualTo(new[] { false, false }));
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "1" }));

        Estate.Otherwise = (_, _) => null;
        await pod.Reopenings.ReplayAsync(run, fingerprint: null, CancellationToken.None);
        await pod.MigrateAsync(run, "1");

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(Estate.CreatedFor("1"), Is.EqualTo(new[] { Estate.MappedTo("1") }));
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_end_a_mapping_that_kills_its_process_every_time()
    {
        var pod = StartPod(options: new() { MaxAttempts = 2, SenderGrace = TimeSpan.Zero });
        var run = await AddRunAsync("1");
        Estate.FailBefore(Call.Map, "1", Ending.Answered(503));
        await pod.MigrateAsync(run, "1");
        Estate.Otherwise = (call, _) => call == Call.Map ? CallPlan.FailingBefore(Ending.Killed) : null;
        var message = pod.TakeSent().OfType<WriteMapping>().Single();

        for (var delivery = 0; delivery < 3; delivery++)
            await pod.DeliverAsync(message);

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "1" }), "whoever comes next maps it");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_list_its_record_as_a_stray_when_another_has_mapped_meanwhile(bool namesDuplicates)
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Estate.NamesDuplicates = namesDuplicates;
        var running = await MigrateUntilAsync(Estate.HoldBefore(Call.Map, "1"), pod, run);

        Estate.AddMapping("1", "other", label: null);
        await running.ReleaseAsync();

        var row = await RowAsync(run, "1");
        Assert.That((row.State, row.ExistingId), Is.EqualTo((RecordState.Duplicate, "other")));
        Assert.That(await StraysAsync(), Is.EqualTo(Estate.CreatedFor("1")));
    }

    [Test]
    public async Task Should_fail_and_keep_its_record_when_the_target_id_is_mapped_to_another_record()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        var running = await MigrateUntilAsync(Estate.HoldBefore(Call.Map, "1"), pod, run);

        Estate.AddMapping("2", Estate.CreatedFor("1")[0], label: null);
        await running.ReleaseAsync();

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed));
        Assert.That(await StraysAsync(), Is.Empty, "it is alive for another");
    }

    [Test]
    public async Task Should_not_touch_a_record_that_was_mapped_before()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Estate.AddMapping("1", "other", "an earlier run");

        await pod.MigrateAsync(run, "1");

        var row = await RowAsync(run, "1");
        Assert.That((row.State, row.ExistingId), Is.EqualTo((RecordState.AlreadyMapped, "other")));
        Assert.That(Estate.Count(Call.Create, "1"), Is.Zero);
    }
}
