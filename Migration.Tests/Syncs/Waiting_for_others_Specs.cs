using Migration.Contracts.Syncs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>Parents, graces and several lanes (protocol section 14, I32, I34, I35).</summary>
public sealed class Waiting_for_others_Specs : SyncFixture
{
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    [Test]
    public async Task Should_leave_the_lane_to_the_parent_and_wake_when_it_is_mapped() // I32
    {
        Estate.SetNomis("p", 1);
        Estate.SetNomis("p-child-1", 2);
        var host = await StartAsync(isSweeping: false); // no timer wakes it
        var child = await host.RequestAsync(FakeSyncDomain.Change("p-child-1", lanes: "thing/p"));
        await Eventually.IsTrue(() => Estate.Count("find", "p") == 2, "it has looked twice");
        await UntilAsync(host, child, SyncState.AwaitingParent);

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("p")), SyncState.Completed);

        await UntilAsync(host, child, SyncState.Completed);
        Assert.That(host.Heard.OfType<ParentMapped>().Single().CorrelationId, Is.EqualTo(child));
    }

    [Test]
    public async Task Should_see_a_parent_that_is_mapped_between_its_look_and_its_parking() // I32
    {
        Estate.SetNomis("p-child-1", 2);
        var host = await StartAsync(isSweeping: false); // nobody wakes it but itself
        var look = Estate.HoldAfter("find", "p");
        var child = await host.RequestAsync(FakeSyncDomain.Change("p-child-1", lanes: "thing/p"));
        await look.Reached;
        Estate.Map("p", Estate.AddDps("p", 1));

        look.Release();

        await UntilAsync(host, child, SyncState.Completed);
        Assert.That(Estate.Count("find", "p"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_give_up_a_child_whose_parent_never_comes()
    {
        Estate.SetNomis("p-child-1", 2);
        var times = Times();
        times.ParentPatience = TimeSpan.Zero;
        var host = await StartAsync(options: times);

        var ended = await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("p-child-1", lanes: "thing/p")), SyncState.Failed);

        Assert.That((ended.Reason, ended.Error), Is.EqualTo(("no parent", "things/thing/p has no mapping")));
    }

    [Test]
    public async Task Should_end_all_changes_of_overlapping_lanes_in_whatever_order_they_come() // I33, I34: syncs among themselves
    {
        var host = await StartAsync();
        var orders = Orders([0, 1, 2, 3]).ToArray();
        for (var order = 0; order < orders.Length; order++)
            Estate.SetNomis($"{order}-relationship", 1);

        // All at once: in each order four changes that want lanes of a prisoner, another one and two persons.
        var syncs = await Task.WhenAll(orders.SelectMany((order, i) => order.Select(x => host.RequestAsync(Change(i, x)))));

        foreach (var sync in syncs)
            await UntilEndedAsync(host, sync);
        Assert.That(await LanesAsync(), Is.Empty);
        for (var order = 0; order < orders.Length; order++)
            Assert.That(Estate.DpsOf($"{order}-relationship").Single().Key, Is.EqualTo(Estate.Mapping($"{order}-relationship")));

        static SyncChange Change(int order, int which) => which switch
        {
            0 => FakeSyncDomain.Change($"{order}-relationship", lanes: [$"prisoner/{order}-A", $"thing/{order}-1"]),
            1 => FakeSyncDomain.Change($"{order}-person", lanes: $"thing/{order}-1"),
            2 => FakeSyncDomain.Change($"{order}-relationship", SyncMode.Insert, lanes: [$"prisoner/{order}-A", $"thing/{order}-1", $"thing/{order}-2"]),
            _ => FakeSyncDomain.Change($"{order}-relationship", SyncMode.Additive, lanes: [$"prisoner/{order}-A", $"prisoner/{order}-B", $"thing/{order}-1", $"thing/{order}-2"]),
        };

        static IEnumerable<int[]> Orders(int[] of) => of.Length == 1 ? [of] : of.SelectMany(x => Orders([.. of.Where(y => y != x)]).Select(y => (int[])[x, .. y]));
    }

    [Test]
    public async Task Should_push_once_for_all_that_comes_in_a_grace_and_not_before_it_ends() // I35
    {
        Estate.SetNomis("1", 1);
        var host = await StartAsync();
        var first = await EnteredAsync(host, FakeSyncDomain.Change("1", grace: Grace));
        var second = await EnteredAsync(host, FakeSyncDomain.Change("1", grace: Grace));
        Estate.SetNomis("1", 2);

        var pushed = await UntilAsync(host, first, SyncState.Completed);

        Assert.That((await UntilEndedAsync(host, second)).AbsorbedBy, Is.EqualTo(first));
        Assert.That(pushed.BegunAt - pushed.ReceivedAt, Is.GreaterThanOrEqualTo(Grace));
        Assert.That((Estate.Count("read", "1"), Estate.DpsOf("1").Single().Value.Version), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task Should_push_a_second_time_for_what_comes_after_the_close_and_not_before_its_own_grace() // I35
    {
        Estate.SetNomis("1", 1);
        var host = await StartAsync();
        var read = Estate.HoldBefore("read", "1");
        var first = await host.RequestAsync(FakeSyncDomain.Change("1", grace: Grace));
        await read.Reached;
        var second = await EnteredAsync(host, FakeSyncDomain.Change("1", grace: Grace));
        var third = await EnteredAsync(host, FakeSyncDomain.Change("1", grace: Grace));
        read.Release();

        await UntilAsync(host, first, SyncState.Completed);
        var pushed = await UntilAsync(host, second, SyncState.Completed);

        Assert.That((await UntilEndedAsync(host, third)).AbsorbedBy, Is.EqualTo(second));
        Assert.That(pushed.BegunAt - pushed.ReceivedAt, Is.GreaterThanOrEqualTo(Grace));
        Assert.That(Estate.Count("read", "1"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_push_when_the_timer_of_a_grace_is_lost() // I35
    {
        Estate.SetNomis("1", 1);
        var host = await StartAsync();
        host.Deliveries = x => Task.FromResult(x is GraceElapsed ? 0 : 1);
        var sync = await EnteredAsync(host, FakeSyncDomain.Change("1", grace: Grace));
        await HeardAsync<GraceElapsed>(host, _ => true);

        await OverdueAsync(sync);

        await UntilAsync(host, sync, SyncState.Completed);
        Assert.That(Estate.Count("read", "1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_push_once_when_the_timer_of_a_grace_comes_twice() // I35
    {
        Estate.SetNomis("1", 1);
        var host = await StartAsync(isSweeping: false);
        host.Deliveries = x => Task.FromResult(x is GraceElapsed ? 2 : 1);
        var read = Estate.HoldBefore("read", "1");
        var sync = await host.RequestAsync(FakeSyncDomain.Change("1", grace: Grace));
        await read.Reached;
        var timer = await Eventually.Value(() => Task.FromResult(host.Heard.OfType<GraceElapsed>().FirstOrDefault()), x => x is not null);
        await host.SendAsync(timer!); // as another message
        await HeardAsync<GraceElapsed>(host, x => !ReferenceEquals(x, timer));
        read.Release();

        await UntilAsync(host, sync, SyncState.Completed);
        Assert.That(Estate.Count("read", "1"), Is.EqualTo(1));
    }
}
