using System.Text.Json;
using Migration.Contracts.Syncs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>Changes that meet in a lane (protocol section 14, I25, I26, I30, I31).</summary>
public sealed class Waiting_Specs : SyncFixture
{
    const string Record = "1";

    [SetUp]
    public void SetNomis() => Estate.SetNomis(Record, 7);

    [Test]
    public async Task Should_grant_the_lane_to_one_who_began_to_wait_just_before_it_was_left() // I25
    {
        var host = await StartAsync(isSweeping: false);
        var push = Estate.HoldBefore("create", Record);
        var first = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await push.Reached;
        Guid second;
        await using (var entering = await HeldCommits.OfAsync(Source, "syncs", "/enter"))
        {
            second = await host.RequestAsync(FakeSyncDomain.Change(Record));
            await entering.ReachedAsync();
            push.Release();
            await UntilBlockedAsync();
        }

        await UntilAsync(host, first, SyncState.Completed);
        await UntilAsync(host, second, SyncState.Completed);
        Assert.That((Estate.Count("create", Record), Estate.Count("update", Record)), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Should_give_the_lane_to_one_who_enters_just_after_it_was_left() // I25
    {
        var host = await StartAsync(isSweeping: false);
        Guid first, second;
        await using (var leaving = await HeldCommits.OfAsync(Source, "syncs", "/end"))
        {
            first = await host.RequestAsync(FakeSyncDomain.Change(Record));
            await leaving.ReachedAsync();
            second = await host.RequestAsync(FakeSyncDomain.Change(Record));
            await UntilBlockedAsync();
        }

        await UntilAsync(host, first, SyncState.Completed);
        await UntilAsync(host, second, SyncState.Completed);
        Assert.That(host.Heard.OfType<LaneGranted>(), Is.Empty, "nobody had begun to wait");
    }

    [Test]
    public async Task Should_hear_of_its_lane_by_the_sweep_when_the_word_is_lost() // I26
    {
        var host = await StartAsync();
        var lost = 0;
        host.Deliveries = x => Task.FromResult(x is LaneGranted && Interlocked.Increment(ref lost) == 1 ? 0 : 1);
        var second = await BehindAHeldPushAsync(host, FakeSyncDomain.Change(Record));

        await UntilAsync(host, second, SyncState.Completed);

        Assert.That(lost, Is.GreaterThan(1));
        Assert.That(Estate.Count("update", Record), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_go_ahead_once_when_the_word_comes_twice() // I26
    {
        var host = await StartAsync(isSweeping: false);
        host.Deliveries = x => Task.FromResult(x is LaneGranted ? 2 : 1);
        var push = Estate.HoldBefore("update", Record);
        var second = await BehindAHeldPushAsync(host, FakeSyncDomain.Change(Record));
        await push.Reached;

        var granted = host.Heard.OfType<LaneGranted>().Single();
        await host.SendAsync(granted); // another message with the same word
        await HeardAsync<LaneGranted>(host, x => !ReferenceEquals(x, granted));
        push.Release();

        await UntilAsync(host, second, SyncState.Completed);
        Assert.That(Estate.Count("update", Record), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_cover_an_update_by_an_insert_that_waits() // I30
    {
        var host = await StartAsync();
        var (insert, update) = await BothBehindAHeldPushAsync(host, SyncMode.Insert, SyncMode.Update);

        await UntilAsync(host, insert, SyncState.Completed);
        var covered = await UntilAsync(host, update, SyncState.Superseded);

        Assert.That(covered.AbsorbedBy, Is.EqualTo(insert));
    }

    [Test]
    public async Task Should_run_both_when_an_insert_comes_behind_an_update_that_waits() // I30
    {
        var host = await StartAsync();
        var (update, insert) = await BothBehindAHeldPushAsync(host, SyncMode.Update, SyncMode.Insert);

        await UntilAsync(host, update, SyncState.Completed);
        await UntilAsync(host, insert, SyncState.Completed);
    }

    [Test]
    public async Task Should_run_upsert_delete_upsert_in_their_order() // I30
    {
        var host = await StartAsync();
        var push = Estate.HoldBefore("create", Record);
        var syncs = new List<Guid> { await host.RequestAsync(FakeSyncDomain.Change(Record)) };
        await push.Reached;
        foreach (var mode in (string[])[SyncMode.Upsert, SyncMode.Delete, SyncMode.Upsert])
            syncs.Add(await EnteredAsync(host, FakeSyncDomain.Change(Record, mode)));
        push.Release();

        foreach (var sync in syncs)
            await UntilAsync(host, sync, SyncState.Completed);
        var changes = Estate.Calls.Select(x => x.Call).Where(x => x is "create" or "update" or "delete");
        Assert.That(changes, Is.EqualTo(new[] { "create", "update", "delete", "create" }));
        Assert.That(Estate.DpsOf(Record).Single().Key, Is.EqualTo(Estate.Mapping(Record)));
    }

    [Test]
    public async Task Should_not_cover_what_comes_after_a_removal_by_what_came_before_it() // I30
    {
        var host = await StartAsync();
        var before = await EnteredAsync(host, FakeSyncDomain.Change(Record, grace: TimeSpan.FromMinutes(10)));
        var removal = await EnteredAsync(host, FakeSyncDomain.Change(Record, SyncMode.Delete));
        var after = await EnteredAsync(host, FakeSyncDomain.Change(Record));
        await OverdueAsync(before);

        foreach (var sync in (Guid[])[before, removal, after])
            await UntilAsync(host, sync, SyncState.Completed);
        Assert.That(Estate.DpsOf(Record), Has.Count.EqualTo(1), "the last change brought it back");
    }

    [Test]
    public async Task Should_cover_a_newcomer_before_the_grant_and_let_it_wait_after_it() // I30
    {
        var host = await StartAsync(isSweeping: false);
        var mayHear = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Deliveries = async x =>
        {
            await (x is LaneGranted ? mayHear.Task : Task.CompletedTask);
            return 1;
        };
        var push = Estate.HoldBefore("create", Record);
        var first = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await push.Reached;
        var waiting = await EnteredAsync(host, FakeSyncDomain.Change(Record));
        var early = await EnteredAsync(host, FakeSyncDomain.Change(Record));
        push.Release();
        await UntilAsync(host, first, SyncState.Completed);

        var late = await EnteredAsync(host, FakeSyncDomain.Change(Record)); // the lane is handed over, and the heir has not heard of it
        Assert.That((await host.Queries.FindAsync(late, CancellationToken.None))!.State, Is.EqualTo(SyncState.Queued)); // it has entered
        mayHear.SetResult();

        await UntilAsync(host, waiting, SyncState.Completed);
        await UntilAsync(host, early, SyncState.Superseded);
        await UntilAsync(host, late, SyncState.Completed);
        Assert.That(Estate.Count("update", Record), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_run_the_upsert_that_waits_when_an_event_of_our_own_making_comes_behind_it() // I31
    {
        var host = await StartAsync();
        var push = Estate.HoldBefore("create", Record);
        var first = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await push.Reached;
        var waiting = await EnteredAsync(host, FakeSyncDomain.Change(Record));

        await host.TakeEventAsync(Domain, Event("""{"id":"1","auditModuleName":"DPS_SYNCHRONISATION"}"""));
        Estate.SetNomis(Record, 8);
        push.Release();

        await UntilAsync(host, first, SyncState.Completed);
        await UntilAsync(host, waiting, SyncState.Completed);
        Assert.That(Estate.DpsOf(Record).Single().Value.Version, Is.EqualTo(8));
    }

    /// <summary>A push stands still until the change waits behind it; then it goes on.</summary>
    async Task<Guid> BehindAHeldPushAsync(SyncHost host, SyncChange change)
    {
        var push = Estate.HoldBefore("create", Record);
        await host.RequestAsync(FakeSyncDomain.Change(Record));
        await push.Reached;
        var waiting = await EnteredAsync(host, change);
        push.Release();
        return waiting;
    }

    async Task<(Guid First, Guid Second)> BothBehindAHeldPushAsync(SyncHost host, string firstMode, string secondMode)
    {
        var push = Estate.HoldBefore("create", Record);
        await host.RequestAsync(FakeSyncDomain.Change(Record));
        await push.Reached;
        var first = await EnteredAsync(host, FakeSyncDomain.Change(Record, firstMode));
        var second = await EnteredAsync(host, FakeSyncDomain.Change(Record, secondMode));
        push.Release();
        return (first, second);
    }

    static string Event(string message) => JsonSerializer.Serialize(new
    {
        Type = "Notification",
        MessageId = Guid.NewGuid(),
        Message = message,
        MessageAttributes = new { eventType = new { Type = "String", Value = "THING-CHANGED" } },
    });
}
