using Microsoft.Extensions.Time.Testing;
using Migration.Contracts.Runs;
using Migration.Sagas.Runs.Sweeping;
using Migration.Tests.Infrastructure;
using Moq;

namespace Migration.Tests.Engine;

public class Sweeping_Specs : EngineFixture
{
    readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    readonly Mock<IQueueDepths> _depths = new();
    bool _areQueuesEmpty;

    [SetUp]
    public void EmptyQueues()
    {
        _areQueuesEmpty = true;
        _depths.Setup(x => x.AreEmptyAsync(It.IsAny<IEnumerable<string>>(), It.IsAny<CancellationToken>())).ReturnsAsync(() => _areQueuesEmpty);
    }

    [TestCase(RunState.Paging)]
    [TestCase(RunState.Migrating)]
    [TestCase(RunState.Cancelling)]
    public async Task Should_send_what_is_open_again_after_all_queues_were_purged(string state)
    {
        var pod = StartPod();
        var run = await AddRunAsync(["1", "2", "3"], RunState.Migrating);
        Estate.FailBefore(Call.Map, "1", Ending.NoAnswer);
        await pod.MigrateAsync(run, "1");
        await pod.MigrateAsync(run, "2");
        await ExecuteAsync("update migration.runs set state = $1", state);
        await ExecuteAsync("insert into migration.run_pages (run_id, page_key, sent_at) values ($1, 'open', clock_timestamp())", run);
        pod.TakeSent();
        await StandStillAsync();
        var standstills = pod.Standstills(_depths.Object, _time);

        await standstills.SweepAsync(CancellationToken.None);
        await pod.SweepUnsentAsync();
        Assert.That(pod.TakeSent(), Is.Empty, "one look is not enough");
        _time.Advance(TimeSpan.FromMinutes(1));
        await standstills.SweepAsync(CancellationToken.None);
        await pod.SweepUnsentAsync();

        var sent = pod.TakeSent();
        Assert.That(sent.OfType<WriteMapping>().Select(x => x.Key), Is.EqualTo(new[] { "1" }));
        Assert.That(sent.OfType<MigrateEntity>().Select(x => x.Key), Is.EqualTo(state == RunState.Cancelling ? Array.Empty<string>() : ["3"]));
        Assert.That(sent.OfType<FetchPage>().Select(x => x.PageKey), Is.EqualTo(state == RunState.Cancelling ? Array.Empty<string>() : ["open"]));
        await Task.WhenAll(sent.Where(x => x is not FetchPage).Select(pod.DeliverAsync));
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(state == RunState.Cancelling ? 2 : 3));
    }

    [Test]
    public async Task Should_send_a_record_again_that_was_reopened_in_a_completed_run_and_whose_message_was_lost()
    {
        var pod = StartPod();
        var run = await AddFailedRowAsync(pod);
        await pod.Reopenings.ReopenAsync(run, "1", hasMessage: true, CancellationToken.None);
        await StandStillAsync();
        var standstills = pod.Standstills(_depths.Object, _time);

        await standstills.SweepAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(1));
        await standstills.SweepAsync(CancellationToken.None);
        await pod.SweepUnsentAsync();

        await pod.DeliverAsync(pod.TakeSent().Single());
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
    }

    [Test]
    public async Task Should_not_send_a_backlog_again_however_old_it_is()
    {
        var pod = StartPod();
        var run = await AddRunAsync([.. Enumerable.Range(0, 1000).Select(x => $"{x}")]);
        await ExecuteAsync("update migration.ledger set sent_at = sent_at - interval '1 hour', changed_at = changed_at - interval '1 hour'");
        await StandStillAsync();
        var standstills = pod.Standstills(_depths.Object, _time);

        // a slow upstream: a record every five minutes, and visible messages; then none visible, but still a record now and then
        for (var look = 0; look < 12; look++)
        {
            _areQueuesEmpty = look >= 6;
            if (_areQueuesEmpty)
                await pod.MigrateAsync(run, $"{look}");
            await standstills.SweepAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromMinutes(5));
            await pod.SweepUnsentAsync();
        }

        Assert.That(pod.TakeSent(), Is.Empty);
    }

    [Test]
    public async Task Should_begin_anew_when_something_stands_on_the_queues_at_the_second_look()
    {
        var pod = StartPod();
        await AddRunAsync("1");
        await StandStillAsync();
        var standstills = pod.Standstills(_depths.Object, _time);
        foreach (var areEmpty in new[] { true, false, true })
        {
            _areQueuesEmpty = areEmpty;
            await standstills.SweepAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
        await pod.SweepUnsentAsync();
        Assert.That(pod.TakeSent(), Is.Empty);

        await standstills.SweepAsync(CancellationToken.None);
        await pod.SweepUnsentAsync();
        Assert.That(pod.TakeSent(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_rest_while_the_run_is_paused()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        await StandStillAsync();
        await ExecuteAsync("insert into migration.gates (scope, state, changed_by) values ($1, 'paused', 'test')", "run/" + run);
        var standstills = pod.Standstills(_depths.Object, _time);

        await standstills.SweepAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromHours(1));
        await standstills.SweepAsync(CancellationToken.None);

        Assert.That((await RowAsync(run, "1")).IsSent, Is.True);
    }

    [Test]
    public async Task Should_share_expired_claims_between_sweepers()
    {
        var (first, second) = (StartPod("pod-a"), StartPod("pod-b"));
        string[] keys = [.. Enumerable.Range(0, 30).Select(x => $"{x}")];
        var run = await AddRunAsync(keys);
        Estate.Otherwise = (call, _) => call == Call.Read ? CallPlan.FailingBefore(Ending.Killed) : null;
        await Task.WhenAll(keys.Select(x => first.MigrateAsync(run, x)));
        await ExecuteAsync("update migration.ledger set claimed_until = clock_timestamp()");

        await Task.WhenAll(first.SweepClaimsAsync(), second.SweepClaimsAsync(), first.SweepClaimsAsync(), second.SweepClaimsAsync());

        Assert.That(await CountAsync(run, RecordState.Pending), Is.EqualTo(30));
        Assert.That(await AmbiguousAsync(), Has.Length.EqualTo(30));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.lanes"), Is.Zero);
    }

    [Test]
    public async Task Should_drop_the_dead_letter_of_a_record_that_has_ended_since()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        await pod.MigrateAsync(run, "1");
        await ExecuteAsync("update migration.ledger set changed_at = changed_at - interval '1 hour'");

        Assert.That((await pod.MigrateAsync(run, "1")).IsAcknowledged, Is.True);
        Assert.That(Estate.Count(Call.FindMapping, "1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_reopen_and_do_a_failed_record_whose_dead_letter_comes_back()
    {
        var pod = StartPod();
        var run = await AddFailedRowAsync(pod);
        var early = await pod.MigrateAsync(run, "1");
        Assert.That((early.IsAcknowledged, early.RedeliverAfter), Is.EqualTo((false, TimeSpan.Zero)), "still on its way to the dead letters");
        await ExecuteAsync("update migration.ledger set changed_at = changed_at - interval '2 minutes'");

        Assert.That((await pod.MigrateAsync(run, "1")).IsAcknowledged, Is.True);

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await RunStateAsync(run), Is.EqualTo(RunState.Completed));
    }

    [Test]
    public async Task Should_map_what_was_created_when_the_dead_letter_of_a_mapping_comes_back()
    {
        var pod = StartPod(options: new() { SenderGrace = TimeSpan.Zero, HoldWhilePaused = TimeSpan.Zero, MaxAttempts = 1 });
        var run = await AddRunAsync("1");
        Estate.FailBefore(Call.Map, "1", Ending.NoAnswer);
        Estate.FailBefore(Call.Map, "1", Ending.NoAnswer);
        await pod.MigrateAsync(run, "1");
        var mapping = pod.TakeSent().OfType<WriteMapping>().Single();
        Assert.That((await pod.DeliverAsync(mapping)).IsAcknowledged, Is.False, "on its way to the dead letters");
        Assert.That(pod.Tracked.Select(x => x.Name), Does.Contain("prisoner-from-nomis-migration-things-sent-to-dlq"));
        await ExecuteAsync("update migration.runs set state = 'Completed', ended_at = clock_timestamp(), next_check_at = null");

        await pod.DeliverAsync(mapping);
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed), "still on its way");
        await ExecuteAsync("update migration.ledger set changed_at = changed_at - interval '2 minutes'");
        Assert.That((await pod.DeliverAsync(mapping)).IsAcknowledged, Is.True);
        await pod.SweepUnsentAsync();
        await pod.DeliverAsync(pod.TakeSent().OfType<MigrateEntity>().Single());

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(Estate.CreatedFor("1"), Is.EqualTo(new[] { Estate.MappedTo("1") }), "the one that was created is mapped");
    }

    [Test]
    public async Task Should_not_replay_what_failed_after_the_replay_began()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1", "2");
        Estate.Otherwise = (call, _) => call == Call.Create ? CallPlan.FailingBefore(Ending.Answered(400)) : null;
        await pod.MigrateAsync(run, "1");
        await pod.MigrateAsync(run, "2");
        await ExecuteAsync("update migration.ledger set changed_at = clock_timestamp() + interval '1 hour' where key = '2'"); // as if it failed while the first was reopened

        Assert.That(await pod.Reopenings.ReplayAsync(run, fingerprint: null, CancellationToken.None), Is.EqualTo(1));
        Assert.That((await StateAsync(run, "1"), await StateAsync(run, "2")), Is.EqualTo((RecordState.Pending, RecordState.Failed)));
    }

    [TestCase(RunState.Cancelling)]
    [TestCase(RunState.Cancelled)]
    public async Task Should_drop_the_dead_letter_of_a_failed_record_of_a_cancelled_run(string state)
    {
        var pod = StartPod();
        var run = await AddFailedRowAsync(pod);
        await ExecuteAsync("update migration.ledger set changed_at = changed_at - interval '2 minutes'");
        await ExecuteAsync("update migration.runs set state = $1, next_check_at = clock_timestamp()", state);

        Assert.That((await pod.MigrateAsync(run, "1")).IsAcknowledged, Is.True);
        Assert.That(await pod.Reopenings.ReplayAsync(run, fingerprint: null, CancellationToken.None), Is.Zero);
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed));
    }

    /// <summary>A completed run with one failed record.</summary>
    async Task<string> AddFailedRowAsync(EngineHost pod)
    {
        var run = await AddRunAsync("1");
        Estate.FailBefore(Call.Create, "1", Ending.Answered(400));
        await pod.MigrateAsync(run, "1");
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed));
        await ExecuteAsync("update migration.runs set state = 'Completed', ended_at = clock_timestamp(), next_check_at = null");
        return run;
    }

    /// <summary>Nothing has moved for six minutes.</summary>
    async Task StandStillAsync()
    {
        await ExecuteAsync("update migration.runs set started_at = started_at - interval '6 minutes'");
        await ExecuteAsync("update migration.run_counters set changed_at = changed_at - interval '6 minutes'");
        await ExecuteAsync("update migration.run_pages set changed_at = changed_at - interval '6 minutes'");
    }
}
