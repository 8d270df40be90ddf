using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>A mapping that stands already, and what becomes of our record (protocol section 9; section 14, I36, I37).</summary>
public sealed class Duplicates_Specs : SyncFixture
{
    const string Record = "1";

    [SetUp]
    public void SetNomis() => Estate.SetNomis(Record, 8);

    [Test]
    public async Task Should_leave_the_survivor_with_the_newer_content() // I37
    {
        var host = await StartAsync();
        var survivor = "";
        var sync = await MapMeanwhileAsync(host, () => Estate.Map(Record, survivor = Estate.AddDps(Record, 7)));

        await UntilAsync(host, sync, SyncState.Compensated);

        var left = Estate.DpsOf(Record).Single();
        Assert.That((left.Key, left.Value.Version), Is.EqualTo((survivor, 8)));
        Assert.That((await StraysAsync(), await LanesAsync()), Is.EqualTo((Array.Empty<string>(), Array.Empty<string>())));
    }

    [Test]
    public async Task Should_ask_an_operator_when_the_mapped_record_does_not_answer() // I36: stale mapping
    {
        var host = await StartAsync();
        var sync = await MapMeanwhileAsync(host, () => Estate.Map(Record, "gone"));

        var ended = await UntilAsync(host, sync, SyncState.NeedsOperator);

        Assert.That((ended.Reason, Estate.Count("delete", ended.CreatedTargetId!)), Is.EqualTo(("the mapped record is gone from DPS", 0))); // it was created
        Assert.That(await StraysAsync(), Is.EqualTo(new[] { ended.CreatedTargetId }));
    }

    [Test]
    public async Task Should_ask_an_operator_before_an_adopted_record_is_removed() // I36: adopted record
    {
        var known = Estate.AddDps(Record, 1);
        await Source.ExecuteAsync(
            "insert into migration.ambiguous (record, kind, look_after, target_id, unknown) values ('things/thing/1', 'create', clock_timestamp() + interval '1 hour', $1, false)", known);
        var host = await StartAsync();
        var sync = await MapMeanwhileAsync(host, () => Estate.Map(Record, Estate.AddDps(Record, 7)));

        await UntilAsync(host, sync, SyncState.NeedsOperator);

        Assert.That((Estate.Count("create", Record), Estate.Count("delete", known)), Is.EqualTo((0, 0)));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "create things/thing/1" }), "it is still known that it stands unmapped");
        Assert.That(await StraysAsync(), Is.EqualTo(new[] { known }));

        var removal = Guid.NewGuid();
        await host.SendAsync(new SyncRequested(removal, FakeSyncDomain.Things, FakeSyncDomain.Change(Record, SyncMode.Compensate), TargetId: known, RequestedBy: "someone"));
        await UntilAsync(host, removal, SyncState.Compensated);
        Assert.That((Estate.DpsOf(Record).Single().Key, await StraysAsync(), await AmbiguousAsync()), Is.EqualTo((Estate.Mapping(Record), Array.Empty<string>(), Array.Empty<string>())));
    }

    [Test]
    public async Task Should_list_what_the_former_service_left_to_be_mapped_when_another_is_mapped()
    {
        var left = Estate.AddDps(Record, 1);
        Estate.Map(Record, Estate.AddDps(Record, 7));
        var host = await StartAsync();
        var change = FakeSyncDomain.Change(Record) with { Action = SyncAction.RetryMapping, Properties = new Dictionary<string, string> { [SyncAction.TargetId] = left } };

        await UntilAsync(host, await host.RequestAsync(change), SyncState.NeedsOperator);

        Assert.That(await Source.ListAsync("select target_id || ' ' || reason from migration.strays where state = 'Open'"), Is.EqualTo(new[] { $"{left} unproved" }));
    }

    [Test]
    public async Task Should_end_the_doubt_of_a_look_that_ends_with_a_compensation()
    {
        await Source.ExecuteAsync("insert into migration.ambiguous (record, kind, look_after) values ('things/thing/1', 'set', clock_timestamp() - interval '1 second')");
        var map = Estate.HoldBefore("map", Record);
        var host = await StartAsync();
        await map.Reached;
        Estate.Map(Record, Estate.AddDps(Record, 7));
        var look = await Source.ScalarAsync<Guid>("select correlation_id from migration.syncs where mode = 'Look'");

        map.Release();

        await UntilAsync(host, look, SyncState.Compensated);
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_ask_an_operator_when_our_record_is_mapped_to_another_of_NOMIS() // I36: same DPS id
    {
        Estate.NamesDuplicates = true;
        var host = await StartAsync();
        var sync = await MapMeanwhileAsync(host, () => Estate.Map("9", Estate.DpsOf(Record).Single().Key));

        var ended = await UntilAsync(host, sync, SyncState.NeedsOperator);

        Assert.That(Estate.DpsOf(Record).Single().Key, Is.EqualTo(ended.CreatedTargetId));
        Assert.That((Estate.Calls.Count(x => x.Call == "delete"), await StraysAsync()), Is.EqualTo((0, Array.Empty<string>())), "it is alive for another: no stray");
    }

    [Test]
    public async Task Should_ask_an_operator_when_the_survivor_goes_between_the_check_and_the_removal() // I36: remapped meanwhile
    {
        var host = await StartAsync();
        var survivor = "";
        var map = Estate.HoldBefore("map", Record);
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await map.Reached;
        var ours = Estate.DpsOf(Record).Single().Key;
        Estate.Map(Record, survivor = Estate.AddDps(Record, 7));
        var delete = Estate.HoldBefore("delete", ours);
        map.Release();
        await delete.Reached;
        Estate.RemoveDps(survivor);
        Estate.Map(Record, ours);
        delete.Release();

        var ended = await UntilAsync(host, sync, SyncState.NeedsOperator);

        Assert.That((ended.Reason, await StraysAsync()), Is.EqualTo(("the mapped record is gone from DPS", new[] { ours })), "nothing is lost unseen");
    }

    [Test]
    public async Task Should_write_the_mapping_again_when_the_one_that_stood_is_gone() // I36: existing missing
    {
        var host = await StartAsync();
        var refusals = 1;
        Estate.OnCall = (call, _) => Task.FromResult(call == "map" && refusals-- > 0 ? new Fault(409) : Fault.None);

        await UntilAsync(host, await host.RequestAsync(FakeSyncDomain.Change(Record)), SyncState.Completed);

        Assert.That((Estate.Count("map", Record), Estate.DpsOf(Record).Single().Key), Is.EqualTo((2, Estate.Mapping(Record))));
    }

    [Test]
    public async Task Should_look_again_at_a_survivor_that_a_late_compensation_wrote_to() // I29 of a compensation
    {
        var host = await StartAsync();
        var survivor = "";
        var update = Estate.HoldBefore("update", Record);
        var sync = await MapMeanwhileAsync(host, () => Estate.Map(Record, survivor = Estate.AddDps(Record, 7)));
        await update.Reached;
        Estate.SetNomis(Record, 9);
        await OverdueAsync(sync);
        await UntilAsync(host, sync, SyncState.Compensated);
        await SettleAsync();
        await Eventually.IsTrue(async () => (await AmbiguousAsync()).Length == 0, "the doubt of the poke is over");

        update.Release();

        await Eventually.IsTrue(async () => (await AmbiguousAsync()).Length == 1, "the late result is doubted");
        await SettleAsync();
        await Eventually.IsTrue(() => Estate.Dps[survivor].Version == 9);
        await Eventually.IsTrue(async () => (await AmbiguousAsync()).Length == 0);
    }

    /// <summary>The record is created, and before its mapping is written something happens.</summary>
    async Task<Guid> MapMeanwhileAsync(SyncHost host, Action meanwhile)
    {
        var map = Estate.HoldBefore("map", Record);
        var sync = await host.RequestAsync(FakeSyncDomain.Change(Record));
        await map.Reached;
        meanwhile();
        map.Release();
        return sync;
    }
}
