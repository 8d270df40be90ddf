using Migration.Contracts.Runs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

public class Claims_Specs : EngineFixture
{
    [Test]
    public async Task Should_create_once_when_two_deliveries_stand_in_one_group()
    {
        var pod = StartPod();
        var run = await AddRunAsync("0", "1");
        Task<Delivery>[] deliveries;
        await using (var commits = await HeldCommits.OfAsync(Source, pod.Name))
        {
            // while this one commits the others gather
            var first = pod.MigrateAsync(run, "0");
            await commits.ReachedAsync();
            deliveries = [first, pod.MigrateAsync(run, "1"), pod.MigrateAsync(run, "1"), pod.MigrateAsync(run, "1")];
        }

        var ended = await Eventually.Ends(Task.WhenAll(deliveries));
        var row = await RowAsync(run, "1");
        Assert.That(ended.Select(x => x.Error), Is.All.Null);
        Assert.That((row.State, row.Attempts), Is.EqualTo((RecordState.Migrated, 1)));
        Assert.That(Estate.Count(Call.Create, "1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_create_once_when_two_deliveries_stand_in_groups_of_two_pods()
    {
        var (first, second) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        Task<Delivery>[] deliveries;
        await using (var commits = await HeldCommits.OfAsync(Source, first.Name))
        {
            var claiming = first.MigrateAsync(run, "1");
            await commits.ReachedAsync();
            deliveries = [claiming, second.MigrateAsync(run, "1")];
            await UntilBlockedAsync(second);
        }

        var ended = await Eventually.Ends(Task.WhenAll(deliveries));
        var row = await RowAsync(run, "1");
        Assert.That(ended.Select(x => x.Error), Is.All.Null);
        Assert.That((row.State, row.Attempts), Is.EqualTo((RecordState.Migrated, 1)));
        Assert.That(Estate.Count(Call.Create, "1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_acknowledge_every_delivery_that_meets_a_live_claim()
    {
        var (holder, other) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        var holding = await MigrateUntilAsync(Estate.HoldBefore(Call.Create, "1"), holder, run);

        for (var delivery = 0; delivery < 5; delivery++)
            Assert.That((await other.MigrateAsync(run, "1")).Error, Is.Null);

        Assert.That((await RowAsync(run, "1")).Attempts, Is.EqualTo(1));
        await holding.ReleaseAsync();
        Assert.That(Estate.Count(Call.Create, "1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_fail_a_record_that_kills_its_process_every_time()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1", "2");
        Estate.Otherwise = (call, key) => (call, key) == (Call.Read, "1") ? CallPlan.FailingBefore(Ending.Killed) : null;

        var attempts = 0;
        while (await StateAsync(run, "1") == RecordState.Pending)
        {
            await pod.MigrateAsync(run, "1");
            await ExpireAndSweepAsync(pod, run, "1");
            attempts++;
        }
        await pod.MigrateAsync(run, "2");

        Assert.That(attempts, Is.EqualTo(Times().MaxAttempts));
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed));
        Assert.That(await StateAsync(run, "2"), Is.EqualTo(RecordState.Migrated));
        Assert.That((await RowAsync(run, "1")).Error, Is.Not.Empty);
    }

    [Test]
    public async Task Should_end_a_record_after_its_last_attempt_and_send_it_to_the_dead_letters()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Estate.Otherwise = (call, _) => call == Call.Read ? CallPlan.FailingBefore(Ending.Answered(503)) : null;

        var deliveries = new List<Delivery>();
        for (var delivery = 0; delivery < 6; delivery++)
            deliveries.Add(await pod.MigrateAsync(run, "1"));

        var row = await RowAsync(run, "1");
        Assert.That((row.State, row.Attempts), Is.EqualTo((RecordState.Failed, 5)));
        Assert.That(deliveries.Select(x => x.IsAcknowledged), Is.All.False);
        Assert.That(deliveries.Select(x => x.RedeliverAfter), Is.EqualTo(new TimeSpan?[] { null, null, null, null, TimeSpan.Zero, TimeSpan.Zero }));
        Assert.That(await AmbiguousAsync(), Is.Empty, "nothing was called that changes anything");
    }

    [Test]
    public async Task Should_renew_claims_in_hand_and_learn_of_those_that_are_gone()
    {
        var pod = StartPod(options: new() { Lease = TimeSpan.FromSeconds(2), RenewEvery = TimeSpan.FromMilliseconds(100), LeaseReserve = TimeSpan.FromSeconds(1) });
        var run = await AddRunAsync("1", "2");
        var (kept, swept) = (await ClaimAsync(pod, run, "1"), await ClaimAsync(pod, run, "2"));
        await ExpireAndSweepAsync(pod, run, "2");
        var first = await ScalarAsync<DateTime>("select claimed_until from migration.ledger where key = '1'");

        await pod.Claims.StartAsync(CancellationToken.None);
        await Eventually.IsTrue(async () => await ScalarAsync<DateTime>("select claimed_until from migration.ledger where key = '1'") > first, "the claim was renewed");
        await Eventually.IsTrue(() => swept.IsLost, "the claim that was swept is known to be gone");
        await pod.Claims.StopAsync(CancellationToken.None);

        Assert.That(kept.IsLost, Is.False);
        Assert.That(await pod.Claims.IsSafeToCallAsync(kept, CancellationToken.None), Is.True);
        Assert.That(await pod.Claims.IsSafeToCallAsync(swept, CancellationToken.None), Is.False);
    }

    [Test]
    public async Task Should_grant_nothing_behind_a_closed_gate()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        foreach (var scope in new[] { "all", "domain/things", "run/" + run })
        {
            await ExecuteAsync("insert into migration.gates (scope, state, changed_by) values ($1, 'paused', 'test')", scope);
            Assert.That((await pod.MigrateAsync(run, "1")).IsAcknowledged, Is.True, scope);
            Assert.That((await RowAsync(run, "1")).IsSent, Is.False, "the message was held as long as it may be, and is sent again when the gate opens");
            await pod.SweepUnsentAsync();
            Assert.That(pod.TakeSent(), Is.Empty);
            await ExecuteAsync("update migration.gates set state = 'open'");
        }

        await pod.SweepUnsentAsync();
        await pod.DeliverAsync(pod.TakeSent().Single());
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
    }

    [Test]
    public async Task Should_ask_again_only_after_a_while_when_a_gate_has_just_closed()
    {
        var time = new SignallingTime();
        var pod = StartPod(options: new() { HoldWhilePaused = TimeSpan.FromMinutes(10) }, time: time);
        var run = await AddRunAsync("1");
        await ExecuteAsync("insert into migration.gates (scope, state, changed_by) values ('all', 'paused', 'test')");

        var delivery = pod.MigrateAsync(run, "1");
        await Eventually.Ends(time.FirstWait); // a loop without a wait never comes here
        await ExecuteAsync("update migration.gates set state = 'open'");
        Assert.That(delivery.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((await Eventually.Ends(delivery)).Error, Is.Null);
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
    }

    [Test]
    public async Task Should_release_what_has_called_nothing_yet_when_the_process_stops()
    {
        var (stopping, other) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("reads", "creates");
        var reading = await MigrateUntilAsync(Estate.HoldBefore(Call.Read, "reads"), stopping, run, "reads");
        var creating = await MigrateUntilAsync(Estate.HoldBefore(Call.Create, "creates"), stopping, run, "creates");

        await stopping.BeginStopAsync();

        Assert.That((await Eventually.Ends(reading.Delivery)).IsAcknowledged, Is.True, "no receive is spent on a stop");
        var row = await RowAsync(run, "reads");
        Assert.That((row.State, row.Attempts, row.IsSent), Is.EqualTo((RecordState.Pending, 0, false)), "nor an attempt");
        await creating.ReleaseAsync();
        Assert.That(await StateAsync(run, "creates"), Is.EqualTo(RecordState.Migrated), "what has been called goes to its end");
        await other.SweepUnsentAsync();
        await other.DeliverAsync(other.TakeSent().Single());
        Assert.That(await StateAsync(run, "reads"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    /// <summary>A clock that stands, and tells when somebody begins to wait.</summary>
    sealed class SignallingTime : Microsoft.Extensions.Time.Testing.FakeTimeProvider
    {
        readonly TaskCompletionSource _firstWait = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task FirstWait => _firstWait.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _firstWait.TrySetResult();
            return timer;
        }
    }
}
