using Migration.Contracts.Syncs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>A change on its way, alone.</summary>
public sealed class Pushing_Specs : SyncFixture
{
    [Test]
    public async Task Should_create_and_map_what_is_new()
    {
        Estate.SetNomis("1", 7);
        var host = await StartAsync();

        var sync = await host.RequestAsync(FakeSyncDomain.Change("1"));

        var ended = await UntilAsync(host, sync, SyncState.Completed);
        var created = Estate.DpsOf("1").Single();
        Assert.That((created.Key, created.Value.Version), Is.EqualTo((Estate.Mapping("1"), 7)));
        Assert.That(ended.CreatedTargetId, Is.EqualTo(created.Key));
        await Eventually.IsTrue(() => host.Told.Select(x => x.Name).SequenceEqual(["created"]));
        Assert.That(await LanesAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_update_what_is_mapped()
    {
        Estate.SetNomis("1", 8);
        Estate.Map("1", Estate.AddDps("1", 7));
        var host = await StartAsync();

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("1")), SyncState.Completed);

        Assert.That(Estate.DpsOf("1").Single().Value.Version, Is.EqualTo(8));
        Assert.That(Estate.Count("create", "1"), Is.Zero);
        Assert.That(await AmbiguousAsync(), Is.Empty, "a result in time leaves no doubt");
    }

    [Test]
    public async Task Should_do_nothing_when_an_event_comes_twice()
    {
        Estate.SetNomis("1", 7);
        var host = await StartAsync();
        var sync = await host.RequestAsync(FakeSyncDomain.Change("1"));
        await UntilAsync(host, sync, SyncState.Completed);

        await host.RequestAsync(FakeSyncDomain.Change("1"), sync);
        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("1")), SyncState.Completed);

        Assert.That((Estate.Count("create", "1"), Estate.Count("update", "1")), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Should_remove_what_was_carried_over()
    {
        Estate.Map("1", Estate.AddDps("1", 7));
        var host = await StartAsync();

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("1", SyncMode.Delete)), SyncState.Completed);

        Assert.That((Estate.DpsOf("1").Count, Estate.Mapping("1")), Is.EqualTo((0, (string?)null)));
    }

    [Test]
    public async Task Should_end_at_once_what_can_never_succeed()
    {
        Estate.SetNomis("1", -1);
        var host = await StartAsync();

        var ended = await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("1")), SyncState.Failed);

        Assert.That((ended.Reason, Estate.Count("read", "1")), Is.EqualTo(("unknown version code negative", 1)));
    }

    [Test]
    public async Task Should_repeat_what_may_pass_and_nothing_else()
    {
        Estate.SetNomis("1", 7);
        var refusals = 2;
        Estate.OnCall = (call, _) => Task.FromResult(call == "create" && refusals-- > 0 ? new Fault(429) : Fault.None);
        var host = await StartAsync();

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("1")), SyncState.Completed);

        Assert.That((Estate.Count("create", "1"), Estate.DpsOf("1").Count), Is.EqualTo((3, 1)));
        Assert.That(await AmbiguousAsync(), Is.Empty, "a refusal leaves no doubt");
    }

    [Test]
    public async Task Should_flag_what_is_pushed_again_after_an_unknown_end()
    {
        Estate.SetNomis("1", 7);
        var losses = 1;
        Estate.OnCall = (call, _) => Task.FromResult(call == "create" && losses-- > 0 ? Fault.AnswerLost : Fault.None);
        var host = await StartAsync();

        var ended = await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("1")), SyncState.Completed);

        Assert.That((ended.PossibleDuplicate, Estate.DpsOf("1").Count), Is.EqualTo((true, 2)));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "create things/thing/1" }));
        await SettleAsync();
        await Eventually.IsTrue(async () => (await AmbiguousAsync()).Length == 0, "the doubt has served");
    }

    [Test]
    public async Task Should_push_the_present_state_once_more_after_an_update_of_unknown_end() // I29, last half
    {
        Estate.SetNomis("1", 8);
        Estate.Map("1", Estate.AddDps("1", 7));
        var losses = 1;
        Estate.OnCall = (call, _) => Task.FromResult(call == "update" && losses-- > 0 ? Fault.AnswerLost : Fault.None);
        var host = await StartAsync();
        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change("1")), SyncState.Completed);
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "set things/thing/1" }));

        await SettleAsync();

        await Eventually.IsTrue(async () => (await AmbiguousAsync()).Length == 0);
        Assert.That(Estate.Count("update", "1"), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_give_up_after_the_last_attempt_and_begin_again_when_asked()
    {
        Estate.SetNomis("1", 7);
        var isDown = true;
        Estate.OnCall = (call, _) => Task.FromResult(call == "read" && isDown ? new Fault(503) : Fault.None);
        var host = await StartAsync();
        var sync = await host.RequestAsync(FakeSyncDomain.Change("1"));
        var failed = await UntilAsync(host, sync, SyncState.Failed);
        Assert.That((failed.Fingerprint, Estate.Count("read", "1")), Is.EqualTo(("read|fake|503|fake: # at read", Times().MaxAttempts)));

        isDown = false;
        await host.SendAsync(new RetrySync(sync, "someone"));

        await UntilAsync(host, sync, SyncState.Completed);
        Assert.That(Estate.DpsOf("1"), Has.Count.EqualTo(1));
    }
}
