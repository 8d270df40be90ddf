using Migration.Contracts.Syncs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>Steps that come twice, late, or never report (protocol section 14, I28, I29).</summary>
public sealed class Interrupted_steps_Specs : SyncFixture
{
    const string Record = "1";

    [SetUp]
    public void SetNomis() => Estate.SetNomis(Record, 7);

    [Test]
    public async Task Should_create_once_when_the_push_is_delivered_twice_at_once() // I28
    {
        var host = await StartAsync(isSweeping: false);
        var (first, other) = (Estate.HoldBefore("find", Record), Estate.HoldBefore("find", Record));
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await first.Reached;
        await host.SendStepAsync(await StepOfAsync(sync));
        await other.Reached;

        first.Release();
        other.Release();

        await UntilAsync(host, sync, SyncState.Completed);
        Assert.That((Estate.Count("create", Record), await AmbiguousAsync()), Is.EqualTo((1, Array.Empty<string>())));
    }

    [Test]
    public async Task Should_flag_the_second_create_when_the_first_did_not_report() // I28, I29
    {
        var host = await StartAsync();
        var create = Estate.HoldAfter("create", Record);
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await create.Reached;
        await host.SendStepAsync(await StepOfAsync(sync)); // its message comes back: no second call under one mark
        await Eventually.IsTrue(() => Estate.Count("find", Record) == 2);
        Assert.That(Estate.Count("create", Record), Is.EqualTo(1));

        await OverdueAsync(sync);

        var ended = await UntilAsync(host, sync, SyncState.Completed);
        Assert.That((ended.PossibleDuplicate, Estate.Count("create", Record)), Is.EqualTo((true, 2)));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "create things/thing/1" }));

        var next = await host.RequestAsync(FakeSyncDomain.Change(Record)); // the lane is passed on
        await UntilAsync(host, next, SyncState.Completed);
        create.Release(); // and the first wakes
        await Eventually.IsTrue(async () => (await StraysAsync()).Length == 1, "what the first created is listed");
        Assert.That(Estate.Mapping(Record), Is.Not.EqualTo((await StraysAsync()).Single()));
    }

    [Test]
    public async Task Should_push_again_when_a_late_step_brings_back_old_content() // I29
    {
        Estate.Map(Record, Estate.AddDps(Record, 1));
        var host = await StartAsync();
        var update = Estate.HoldBefore("update", Record);
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await update.Reached;
        Estate.SetNomis(Record, 8);
        await OverdueAsync(sync);
        await UntilAsync(host, sync, SyncState.Completed);
        Assert.That(Version(), Is.EqualTo(8));
        await SettleAsync();
        await Eventually.IsTrue(async () => (await AmbiguousAsync()).Length == 0, "the doubt of the poke is over");

        update.Release();

        await Eventually.IsTrue(async () => (await AmbiguousAsync()).Length == 1, "the late result is doubted");
        Assert.That(Version(), Is.EqualTo(7), "it did bring back old content");
        await SettleAsync();
        await Eventually.IsTrue(() => Version() == 8);
        await Eventually.IsTrue(async () => (await AmbiguousAsync()).Length == 0);

        int Version() => Estate.DpsOf(Record).Single().Value.Version;
    }

    [Test]
    public async Task Should_not_end_a_step_that_has_begun_because_a_second_delivery_sees_nothing_to_do()
    {
        var host = await StartAsync(isSweeping: false);
        var create = Estate.HoldBefore("create", Record);
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await create.Reached;
        Estate.RemoveNomis(Record);
        await host.SendStepAsync(await StepOfAsync(sync));
        await HeardAsync<ChangePushed>(host, x => x.Kind == PushKind.Ignored);
        Assert.That((await host.Queries.FindAsync(sync, CancellationToken.None))!.State, Is.EqualTo(SyncState.Pushing)); // it was asked for

        create.Release();

        await UntilAsync(host, sync, SyncState.Completed);
        Assert.That(Estate.DpsOf(Record).Single().Key, Is.EqualTo(Estate.Mapping(Record)));
    }

    [Test]
    public async Task Should_not_fail_a_step_that_has_begun_because_another_delivery_gave_up()
    {
        var host = await StartAsync(isSweeping: false);
        var create = Estate.HoldBefore("create", Record);
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await create.Reached;
        await host.SendAsync(new StepFailed(sync, (await StepOfAsync(sync)).StepNo, "read", "no answer", "read"));
        await HeardAsync<StepFailed>(host, _ => true);

        create.Release();

        await UntilAsync(host, sync, SyncState.Completed);
    }

    [Test]
    public async Task Should_not_take_a_step_over_that_began_after_it_was_found_overdue()
    {
        var host = await StartAsync(isSweeping: false);
        var create = Estate.HoldBefore("create", Record);
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await create.Reached;
        await host.SendAsync(new SyncOverdue(sync, (await StepOfAsync(sync)).StepNo)); // from before it began
        await HeardAsync<SyncOverdue>(host, _ => true);

        create.Release();

        await UntilAsync(host, sync, SyncState.Completed);
        Assert.That((Estate.Count("create", Record), await AmbiguousAsync()), Is.EqualTo((1, Array.Empty<string>())));
    }

    [Test]
    public async Task Should_leave_a_step_alone_that_was_renewed_after_it_was_found_overdue()
    {
        var host = await StartAsync(isSweeping: false);
        var create = Estate.HoldBefore("create", Record);
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await create.Reached;
        var mark = await Source.ScalarAsync<Guid>("select step_token from migration.syncs where correlation_id = $1", sync);
        await host.SendAsync(new SyncOverdue(sync, (await StepOfAsync(sync)).StepNo, mark)); // on its way while the lease was renewed
        await HeardAsync<SyncOverdue>(host, _ => true);

        create.Release();

        await UntilAsync(host, sync, SyncState.Completed);
        Assert.That((Estate.Count("create", Record), await AmbiguousAsync()), Is.EqualTo((1, Array.Empty<string>())));
    }

    [Test]
    public async Task Should_go_on_with_what_was_created_when_the_saga_did_not_hear_of_it_in_time()
    {
        var host = await StartAsync();
        var losses = 1;
        host.Deliveries = x => Task.FromResult(x is ChangePushed && losses-- > 0 ? 0 : 1);
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await HeardAsync<ChangePushed>(host, _ => true); // and lost

        await OverdueAsync(sync);

        var ended = await UntilAsync(host, sync, SyncState.Completed);
        Assert.That((ended.PossibleDuplicate, Estate.Count("create", Record), Estate.DpsOf(Record).Single().Key), Is.EqualTo((false, 1, Estate.Mapping(Record))));
        Assert.That((await AmbiguousAsync(), await StraysAsync()), Is.EqualTo((Array.Empty<string>(), Array.Empty<string>())));
    }

    [Test]
    public async Task Should_begin_again_without_a_doubt_when_only_the_answer_to_its_mark_was_lost()
    {
        var wire = await WireAsync();
        var host = await StartAsync(isSweeping: false, connectionString: wire.ConnectionString);
        wire.LoseNextAnswerTo("step_token = $4, step_kind");

        var ended = await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record)), SyncState.Completed);

        Assert.That((wire.HasLostAnAnswer, ended.PossibleDuplicate, Estate.Count("create", Record)), Is.EqualTo((true, false, 1)));
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_give_up_a_create_that_never_answers_although_its_upstream_is_away()
    {
        const string Target = "fake";
        Domain.Calls = [Target];
        var times = Times();
        times.MaxAttempts = 2;
        var host = await StartAsync(isSweeping: false, options: times);
        Estate.OnCall = (call, _) =>
        {
            if (call != "create")
                return Task.FromResult(Fault.None);
            while (!host.Limits.Get(Target).IsDown)
                host.Limits.Get(Target).NotAnswered();
            return Task.FromResult(Fault.AnswerLost);
        };

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record)), SyncState.Failed);

        Assert.That((Estate.Count("create", Record), await AmbiguousAsync()), Is.EqualTo((2, new[] { "create things/thing/1" })));
    }

    [Test]
    public async Task Should_map_what_was_created_before_the_mapping_was_given_up()
    {
        var host = await StartAsync();
        Estate.OnCall = (call, _) => Task.FromResult(call == "map" ? new Fault(503) : Fault.None);
        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record)), SyncState.Failed);
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "create things/thing/1" }));
        Estate.OnCall = (_, _) => Task.FromResult(Fault.None);

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record)), SyncState.Completed);

        Assert.That((Estate.Count("create", Record), Estate.DpsOf(Record).Single().Key), Is.EqualTo((1, Estate.Mapping(Record))));
        Assert.That(await AmbiguousAsync(), Is.Empty);
        await Eventually.IsTrue(() => host.Told.Any(x => x.Name == "mapping-created"), "the mapping is told of");
        Assert.That(host.Told.Select(x => x.Name), Has.None.EqualTo("created"), "that is told when its mapping first fails");
    }

    [Test]
    public async Task Should_create_anew_after_a_removal_of_what_was_never_mapped()
    {
        var host = await StartAsync();
        Estate.OnCall = (call, _) => Task.FromResult(call == "map" ? new Fault(503) : Fault.None);
        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record)), SyncState.Failed);
        Estate.OnCall = (_, _) => Task.FromResult(Fault.None);

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record, SyncMode.Delete)), SyncState.Completed);
        Assert.That((Estate.DpsOf(Record).Count, await AmbiguousAsync()), Is.EqualTo((0, Array.Empty<string>())));

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record)), SyncState.Completed);
        Assert.That(Estate.DpsOf(Record).Single().Key, Is.EqualTo(Estate.Mapping(Record)));
    }

    [Test]
    public async Task Should_keep_the_doubt_of_an_unknown_create_when_a_later_one_is_mapped()
    {
        var host = await StartAsync();
        var losses = 1;
        Estate.OnCall = (call, _) => Task.FromResult(call switch
        {
            "create" when losses-- > 0 => Fault.AnswerLost,
            "map" => new Fault(503),
            _ => Fault.None,
        });
        var failed = await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record)), SyncState.Failed);
        Assert.That((failed.PossibleDuplicate, Estate.DpsOf(Record).Count), Is.EqualTo((true, 2)));
        Estate.OnCall = (_, _) => Task.FromResult(Fault.None);

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record)), SyncState.Completed);

        Assert.That((Estate.Mapping(Record), Estate.DpsOf(Record).Count), Is.EqualTo((failed.CreatedTargetId, 2)));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "create things/thing/1" }), "the first may have landed, and did");
    }
}
