using Migration.Contracts.Runs;

namespace Migration.Tests.Engine;

public class Late_results_Specs : EngineFixture
{
    EngineHost _slow = null!; // set before each test
    EngineHost _quick = null!; // set before each test

    [SetUp]
    public void StartPods() => (_slow, _quick) = (StartPod("pod-a"), StartPod("pod-b"));

    [Test]
    public async Task Should_keep_what_a_holder_created_after_its_claim_was_taken_over_as_a_stray() // I1
    {
        var run = await AddRunAsync("1");
        var late = await MigrateTooLongAsync(Estate.HoldBefore(Call.Create, "1"), _slow, _quick, run);

        await _quick.MigrateAsync(run, "1");
        await late.ReleaseAsync();

        var created = Estate.CreatedFor("1");
        var row = await RowAsync(run, "1");
        Assert.Multiple(async () =>
        {
            Assert.That(created, Has.Count.EqualTo(2));
            Assert.That(row.State, Is.EqualTo(RecordState.Migrated));
            Assert.That(row.TargetId, Is.EqualTo(created[0]));
            Assert.That(Estate.MappedTo("1"), Is.EqualTo(created[0]));
            Assert.That(await StraysAsync(), Is.EqualTo(new[] { created[1] }));
            Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(1));
            Assert.That(_slow.Tracked, Is.Empty, "an outcome that does not count tells nothing");
        });
    }

    [Test]
    public async Task Should_count_the_record_once_when_the_late_holder_has_mapped_first() // I2
    {
        var run = await AddRunAsync("1");
        var late = await MigrateTooLongAsync(Estate.HoldBefore(Call.Create, "1"), _slow, _quick, run);
        var second = await MigrateUntilAsync(Estate.HoldBefore(Call.Map, "1"), _quick, run);

        await late.ReleaseAsync();
        await second.ReleaseAsync();

        var mapped = Estate.MappedTo("1")!;
        var row = await RowAsync(run, "1");
        Assert.Multiple(async () =>
        {
            Assert.That(row.State, Is.EqualTo(RecordState.Migrated));
            Assert.That(row.TargetId, Is.EqualTo(mapped));
            Assert.That(await StraysAsync(), Is.EqualTo(Estate.CreatedFor("1").Where(x => x != mapped)));
            Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_keep_the_id_of_a_record_that_was_created_when_the_sweeper_failed_it_first()
    {
        var slow = StartPod("pod-c", options: new() { MaxAttempts = 1, SenderGrace = TimeSpan.Zero });
        var run = await AddRunAsync("1");
        Estate.FailBefore(Call.Map, "1", Ending.Answered(400));
        var late = await MigrateTooLongAsync(Estate.HoldAfter(Call.Create, "1"), slow, slow, run);
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed));

        await late.ReleaseAsync();

        Assert.That(await AmbiguousTargetsAsync(), Is.EqualTo(Estate.CreatedFor("1")), "whoever comes next maps it");
    }

    [TestCase(false, 0)]
    [TestCase(true, 1)]
    public async Task Should_count_an_attempt_at_an_upstream_that_is_away_only_if_its_create_may_have_arrived(bool mayHaveArrived, int attempts)
    {
        var pod = StartPod("pod-c", new FakeDomain(Estate) { Calls = ["target"] });
        var run = await AddRunAsync("1");
        var delivery = await MigrateUntilAsync(Estate.HoldBefore(Call.Create, "1"), pod, run);
        for (var call = 0; call < 10; call++)
            pod.Limits.Get("target").NotAnswered();

        await delivery.ReleaseAsync(mayHaveArrived ? Ending.NoAnswer : Ending.NotSent);

        var row = await RowAsync(run, "1");
        Assert.That((row.State, row.Attempts), Is.EqualTo((RecordState.Pending, attempts)));
    }

    [Test]
    public async Task Should_not_create_when_the_claim_was_taken_over_before_the_call()
    {
        var run = await AddRunAsync("1");
        // a lease so short that it must be renewed before the call
        var impatient = StartPod("pod-c", options: new() { Lease = TimeSpan.FromSeconds(10), LeaseReserve = TimeSpan.FromSeconds(10) });
        var late = await MigrateTooLongAsync(Estate.HoldBefore(Call.Read, "1"), impatient, _quick, run);

        var delivery = await late.ReleaseAsync();

        Assert.Multiple(async () =>
        {
            Assert.That(delivery.IsAcknowledged, Is.True);
            Assert.That(Estate.Count(Call.Create, "1"), Is.Zero);
            Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Pending));
            Assert.That(impatient.Claims.InHand, Is.Zero);
        });
    }

    [Test]
    public async Task Should_accept_the_outcome_of_a_claim_that_has_run_out_but_was_not_swept()
    {
        var run = await AddRunAsync("1");
        var late = await MigrateUntilAsync(Estate.HoldBefore(Call.Create, "1"), _slow, run);

        await ExpireAsync(run, "1");
        await late.ReleaseAsync();
        await _slow.SweepClaimsAsync();

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_not_list_a_record_as_a_stray_that_the_next_holder_found_mapped()
    {
        var run = await AddRunAsync("1");
        // mapped, and the answer is lost: the holder thinks that the mapping is owed
        var late = await MigrateTooLongAsync(Estate.HoldAfter(Call.Map, "1"), _slow, _quick, run);

        await _quick.MigrateAsync(run, "1");
        await late.ReleaseAsync(Ending.NoAnswer);

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        await AssertNothingIsLeftAfterTheLookAsync();
    }

    [Test]
    public async Task Should_not_list_a_record_as_a_stray_whose_mapping_landed_and_whose_row_has_failed()
    {
        var last = StartPod("pod-c", options: new() { MaxAttempts = 1, SenderGrace = TimeSpan.Zero });
        var run = await AddRunAsync("1");
        var late = await MigrateTooLongAsync(Estate.HoldAfter(Call.Map, "1"), _slow, last, run);

        await late.ReleaseAsync(Ending.NoAnswer);

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Failed), "nobody works on it any more");
        await AssertNothingIsLeftAfterTheLookAsync();
    }

    [Test]
    public async Task Should_map_what_a_late_holder_created_and_did_not_map()
    {
        var run = await AddRunAsync("1");
        var late = await MigrateTooLongAsync(Estate.HoldBefore(Call.Map, "1"), _slow, _quick, run);
        await late.ReleaseAsync(Ending.Answered(503));
        Assert.That(await AmbiguousTargetsAsync(), Is.EqualTo(Estate.CreatedFor("1")));

        await _quick.MigrateAsync(run, "1");

        Assert.That(Estate.CreatedFor("1"), Is.EqualTo(new[] { Estate.MappedTo("1") }), "nothing is created again");
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        await AssertNothingIsLeftAfterTheLookAsync();
    }

    [Test]
    public async Task Should_keep_one_of_two_late_holders_for_the_next_and_list_the_other()
    {
        var run = await AddRunAsync("1");
        var first = await MigrateTooLongAsync(Estate.HoldBefore(Call.Create, "1"), _slow, _quick, run);
        var second = await MigrateTooLongAsync(Estate.HoldBefore(Call.Create, "1"), _quick, _slow, run);
        Estate.FailBefore(Call.Map, "1", Ending.Answered(503));
        await first.ReleaseAsync();
        // this one is mapped, and does not hear of it
        Estate.FailAfter(Call.Map, "1", Ending.NoAnswer);
        await second.ReleaseAsync();
        var created = Estate.CreatedFor("1");
        Assert.That((await AmbiguousTargetsAsync(), await StraysAsync()), Is.EqualTo((new[] { created[0] }, new[] { created[1] })));

        await SettleAsync();
        await _quick.SweepSecondLooksAsync();

        Assert.That(Estate.MappedTo("1"), Is.EqualTo(created[1]));
        Assert.That(await StraysAsync(), Is.EqualTo(new[] { created[0] }), "the mapping has decided");
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_look_again_after_a_late_holder_whose_call_has_no_known_end(bool isTargetSearchable)
    {
        var (slow, quick) = (StartPod("pod-c", isTargetSearchable), StartPod("pod-d", isTargetSearchable));
        var run = await AddRunAsync("1");
        var late = await MigrateTooLongAsync(Estate.HoldAfter(Call.Create, "1"), slow, quick, run);
        await quick.MigrateAsync(run, "1");

        await late.ReleaseAsync(Ending.NoAnswer);

        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "1" }));
        await SettleAsync();
        await quick.SweepSecondLooksAsync();
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    async Task AssertNothingIsLeftAfterTheLookAsync()
    {
        await SettleAsync();
        await _quick.SweepSecondLooksAsync();
        Assert.That(await StraysAsync(), Is.Empty);
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }
}
