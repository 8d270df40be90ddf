using Migration.Contracts.Runs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

public class Late_results_Specs : EngineFixture
{
    [Test]
    public async Task Should_keep_what_a_holder_created_after_its_claim_was_taken_over_as_a_stray()
    {
        var (slow, quick) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        var create = Estate.HoldBefore(Call.Create, "1");
        var late = slow.MigrateAsync(run, "1");
        await create.Reached;

        await ExpireAndSweepAsync(quick, run, "1");
        await quick.MigrateAsync(run, "1");
        create.Release();
        await Eventually.Ends(late);

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
            Assert.That(slow.Tracked, Is.Empty, "an outcome that does not count tells nothing");
        });
    }

    [Test]
    public async Task Should_count_the_record_once_when_the_late_holder_has_mapped_first()
    {
        var (slow, quick) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        var firstCreate = Estate.HoldBefore(Call.Create, "1");
        var late = slow.MigrateAsync(run, "1");
        await firstCreate.Reached;
        await ExpireAndSweepAsync(quick, run, "1");
        var secondMap = Estate.HoldBefore(Call.Map, "1");
        var second = quick.MigrateAsync(run, "1");
        await secondMap.Reached;

        firstCreate.Release();
        await Eventually.Ends(late);
        secondMap.Release();
        await Eventually.Ends(second);

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
    public async Task Should_not_create_when_the_claim_was_taken_over_before_the_call()
    {
        var (slow, quick) = (StartPod("pod-a", options: Times()), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        var read = Estate.HoldBefore(Call.Read, "1");
        // a lease so short that it must be renewed before the call
        var impatient = StartPod("pod-c", options: new() { Lease = TimeSpan.FromSeconds(10), LeaseReserve = TimeSpan.FromSeconds(10) });
        var late = impatient.MigrateAsync(run, "1");
        await read.Reached;

        await ExpireAndSweepAsync(quick, run, "1");
        read.Release();
        var delivery = await Eventually.Ends(late);

        Assert.Multiple(async () =>
        {
            Assert.That(delivery.IsAcknowledged, Is.True);
            Assert.That(Estate.Count(Call.Create, "1"), Is.Zero);
            Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Pending));
        });
        Assert.That(slow.Claims.InHand, Is.Zero);
    }

    [Test]
    public async Task Should_accept_the_outcome_of_a_claim_that_has_run_out_but_was_not_swept()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        var create = Estate.HoldBefore(Call.Create, "1");
        var late = pod.MigrateAsync(run, "1");
        await create.Reached;

        await ExpireAsync(run, "1");
        create.Release();
        await Eventually.Ends(late);
        await pod.SweepClaimsAsync();

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_not_list_a_record_as_a_stray_that_the_next_holder_found_mapped()
    {
        var (slow, quick) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        // mapped, and the answer is lost: the holder thinks that the mapping is owed
        var map = Estate.HoldAfter(Call.Map, "1");
        var late = slow.MigrateAsync(run, "1");
        await map.Reached;

        await ExpireAndSweepAsync(quick, run, "1");
        await quick.MigrateAsync(run, "1");
        map.Release(Ending.NoAnswer);
        await Eventually.Ends(late);

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await StraysAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_close_a_stray_that_turns_out_to_be_mapped()
    {
        var (slow, quick) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        var map = Estate.HoldAfter(Call.Map, "1");
        var late = slow.MigrateAsync(run, "1");
        await map.Reached;

        await ExpireAndSweepAsync(quick, run, "1");
        map.Release(Ending.NoAnswer);
        await Eventually.Ends(late);
        Assert.That(await StraysAsync(), Is.EqualTo(Estate.CreatedFor("1")));
        await quick.MigrateAsync(run, "1");

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await StraysAsync(), Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_look_again_after_a_late_holder_whose_call_has_no_known_end(bool isTargetSearchable)
    {
        var (slow, quick) = (StartPod("pod-a", isTargetSearchable), StartPod("pod-b", isTargetSearchable));
        var run = await AddRunAsync("1");
        var create = Estate.HoldAfter(Call.Create, "1");
        var late = slow.MigrateAsync(run, "1");
        await create.Reached;
        await ExpireAndSweepAsync(quick, run, "1");
        await quick.MigrateAsync(run, "1");

        create.Release(Ending.NoAnswer);
        await Eventually.Ends(late);

        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "1" }));
        await SettleAsync();
        await quick.SweepSecondLooksAsync();
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }
}
