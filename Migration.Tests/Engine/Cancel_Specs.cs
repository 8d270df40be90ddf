using Migration.Contracts.Runs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

public class Cancel_Specs : EngineFixture
{
    RunHost _sagas = null!;

    [SetUp]
    public async Task StartSagas() => _sagas = await RunHost.StartAsync(ConnectionString, hasSteps: false, new FakeDomain(Estate));

    [TearDown]
    public async Task StopSagas() => await _sagas.DisposeAsync();

    [Test]
    public async Task Should_be_cancelled_only_after_a_claim_statement_that_was_open_has_ended()
    {
        var (pod, other) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1", "2");
        var create = Estate.HoldBefore(Call.Create, "1");
        Task<Delivery> delivery;
        await using (var commits = await HeldCommits.OfAsync(Source, pod.Name))
        {
            delivery = pod.MigrateAsync(run, "1");
            await commits.ReachedAsync();
            await CancelAsync(run);
            await Eventually.IsTrue(async () => await ScalarAsync<long>(
                """
                select count(*) from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and not granted
                  and (classid::bigint << 32 | objid::bigint) = migration.run_gate($1)
                """, run) > 0, "the cancel waits for the claim statement at the run's gate");
            Assert.That(await RunStateAsync(run), Is.EqualTo(RunState.Migrating));
        }

        await UntilAsync(run, RunState.Cancelling);
        await create.Reached;
        Assert.That((await other.MigrateAsync(run, "2")).IsAcknowledged, Is.True, "no claim is granted any more");
        await UntilCheckedAsync(run);
        Assert.That(await RunStateAsync(run), Is.EqualTo(RunState.Cancelling), "a record is in hand");

        create.Release();
        await Eventually.Ends(delivery);
        await UntilAsync(run, RunState.Cancelled);
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await StateAsync(run, "2"), Is.EqualTo(RecordState.Pending));
    }

    [Test]
    public async Task Should_clear_the_claims_of_a_dead_pod_and_write_the_mappings_that_are_owed()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1", "2", "3");
        Estate.FailAfter(Call.Create, "1", Ending.Killed);
        Estate.FailBefore(Call.Map, "2", Ending.Answered(503));
        await pod.MigrateAsync(run, "1");
        await pod.MigrateAsync(run, "2");
        pod.TakeSent(); // and the mapping message is lost
        await CancelAsync(run);
        await UntilAsync(run, RunState.Cancelling);
        await UntilCheckedAsync(run);
        Assert.That(await RunStateAsync(run), Is.EqualTo(RunState.Cancelling));

        await ExpireAndSweepAsync(pod, run, "1");
        await ExecuteAsync("update migration.ledger set sent_at = null where state = 'MappingPending'");
        await pod.SweepUnsentAsync();
        var sent = pod.TakeSent();
        Assert.That(sent, Has.Count.EqualTo(1), "the record that was swept waits for a resume");
        await pod.DeliverAsync(sent[0]);

        await UntilAsync(run, RunState.Cancelled);
        Assert.That(await StateAsync(run, "2"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await CountAsync(run, RecordState.Pending), Is.EqualTo(2));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public async Task Should_count_the_last_outcome_whose_commit_a_cancel_has_overtaken()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        var create = Estate.HoldBefore(Call.Create, "1");
        var delivery = pod.MigrateAsync(run, "1");
        await create.Reached;
        await using (var commits = await HeldCommits.OfAsync(Source, pod.Name))
        {
            create.Release();
            await commits.ReachedAsync();
            await CancelAsync(run);
            await UntilAsync(run, RunState.Cancelling);
            await UntilCheckedAsync(run);
            Assert.That(await RunStateAsync(run), Is.EqualTo(RunState.Cancelling));
        }

        await Eventually.Ends(delivery);
        await UntilAsync(run, RunState.Cancelled);
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_end_once_when_a_cancel_and_the_last_outcome_come_together([Range(1, 6)] int _)
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        var create = Estate.HoldBefore(Call.Create, "1");
        var delivery = pod.MigrateAsync(run, "1");
        await create.Reached;

        create.Release();
        await Task.WhenAll(delivery, CancelAsync(run), CancelAsync(run));

        await Eventually.IsTrue(async () => await RunStateAsync(run) is RunState.Completed or RunState.Cancelled, "it has ended");
        Assert.That(await ScalarAsync<long>("select count(*) from migration.transitions where to_state in ('Completed', 'Cancelled')"), Is.EqualTo(1));
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_migrate_each_record_once_when_it_is_resumed_with_its_old_messages_still_queued()
    {
        var pod = StartPod();
        string[] keys = ["1", "2", "3"];
        var run = await AddRunAsync(keys);
        await pod.MigrateAsync(run, "1");
        await CancelAsync(run);
        await UntilAsync(run, RunState.Cancelled);
        var old = keys.Select(x => new MigrateEntity(run, FakeDomain.Things, x)).ToArray();

        await ResumeAsync(run);
        await UntilAsync(run, RunState.Migrating);
        await pod.SweepUnsentAsync();
        var sent = pod.TakeSent();
        Assert.That(sent.OfType<MigrateEntity>().Select(x => x.Key), Is.EqualTo(new[] { "2", "3" }));
        var deliveries = await Task.WhenAll(old.Concat(sent).Select(pod.DeliverAsync));

        await UntilAsync(run, RunState.Completed);
        Assert.That(deliveries.Select(x => x.Error), Is.All.Null);
        Assert.That(keys.Select(x => Estate.Count(Call.Create, x)), Is.All.EqualTo(1));
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_not_resume_beside_an_active_run_of_its_domain()
    {
        var old = await AddRunAsync(["1"], RunState.Cancelled);
        await AddRunAsync("2");

        await ResumeAsync(old);
        await ResumeAsync(old);

        await Eventually.IsTrue(async () => await ScalarAsync<long>("select count(*) from migration.inbox_state") >= 2, "both were consumed");
        Assert.That(await RunStateAsync(old), Is.EqualTo(RunState.Cancelled));
    }

    [Test]
    public async Task Should_not_change_a_run_that_has_ended()
    {
        var run = await AddRunAsync([], RunState.Completed);
        await ExecuteAsync("update migration.runs set ended_at = clock_timestamp(), next_check_at = null");

        await CancelAsync(run);
        await ResumeAsync(run);

        await Eventually.IsTrue(async () => await ScalarAsync<long>("select count(*) from migration.inbox_state") >= 2, "both were consumed");
        Assert.That(await RunStateAsync(run), Is.EqualTo(RunState.Completed));
    }

    [Test]
    public async Task Should_complete_only_when_nothing_is_open()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1", "2");
        await ExecuteAsync("update migration.runs set next_check_at = clock_timestamp()");
        await UntilCheckedAsync(run);
        await pod.MigrateAsync(run, "1");
        Estate.FailBefore(Call.Map, "2", Ending.NoAnswer);
        await pod.MigrateAsync(run, "2");
        await UntilCheckedAsync(run);
        Assert.That(await RunStateAsync(run), Is.EqualTo(RunState.Migrating));

        await pod.DeliverAsync(pod.TakeSent().OfType<WriteMapping>().Single());
        await UntilAsync(run, RunState.Completed);
    }

    async Task<Guid> CorrelationIdAsync(string run) => await ScalarAsync<Guid>("select correlation_id from migration.runs where run_id = $1", run);

    async Task CancelAsync(string run) => await _sagas.SendAsync(new CancelRun(await CorrelationIdAsync(run), run, "operator"));

    async Task ResumeAsync(string run) => await _sagas.SendAsync(new ResumeRun(await CorrelationIdAsync(run), run, "operator"));

    Task UntilAsync(string run, string state) => Eventually.IsTrue(async () => await RunStateAsync(run) == state, $"the run is {state}");

    /// <summary>Waits until the run has looked at itself, wholly after now.</summary>
    async Task UntilCheckedAsync(string run)
    {
        await ExecuteAsync("update migration.runs set next_check_at = least(next_check_at, clock_timestamp()) where run_id = $1", run);
        var before = await CheckNoAsync();
        await Eventually.IsTrue(async () => await CheckNoAsync() >= before + 2, "the run has looked at itself");

        Task<int> CheckNoAsync() => ScalarAsync<int>("select check_no from migration.runs where run_id = $1", run);
    }
}
