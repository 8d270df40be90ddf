using Migration.Contracts.Syncs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>A change of several records, and the syncs of its records (docs/adr/0007).</summary>
public sealed class Broad_changes_Specs : SyncFixture
{
    [SetUp]
    public void SetNomis()
    {
        Estate.SetNomis("1", 1);
        Estate.SetNomis("2", 2);
        Domain.Parts = [FakeSyncDomain.Change("1"), FakeSyncDomain.Change("2")];
    }

    [Test]
    public async Task Should_end_with_its_records()
    {
        var host = await StartAsync();

        await UntilAsync(host, await RequestAsync(host), SyncState.Completed);

        Assert.That((Estate.DpsOf("1").Count, Estate.DpsOf("2").Count), Is.EqualTo((1, 1)));
        await Eventually.IsTrue(() => host.Told.Any(x => x.Name == "many-done"));
    }

    [Test]
    public async Task Should_leave_a_slow_record_to_itself()
    {
        var host = await StartAsync();
        var create = Estate.HoldBefore("create", "1");
        var broad = await RequestAsync(host);
        await create.Reached;
        await UntilAsync(host, broad, SyncState.AwaitingRecords);
        await BeginEarlierAsync(broad);

        await OverdueAsync(broad);
        await HeardAsync<SyncOverdue>(host, x => x.CorrelationId == broad);
        create.Release();

        await UntilAsync(host, broad, SyncState.Completed);
        Assert.That(await Source.ScalarAsync<long>("select count(*) from migration.syncs where broad_id = $1", broad), Is.EqualTo(2), "nothing was asked for twice");
    }

    [Test]
    public async Task Should_ask_again_when_the_word_to_a_record_was_lost()
    {
        var host = await StartAsync();
        var losses = 1;
        host.Deliveries = x => Task.FromResult(x is SyncRequested { BroadId: not null, Change.Key: "2" } && losses-- > 0 ? 0 : 1);
        var broad = await RequestAsync(host);
        await Eventually.IsTrue(() => Estate.DpsOf("1").Count == 1 && losses <= 0, "the other one is carried over");
        await UntilAsync(host, broad, SyncState.AwaitingRecords);
        await BeginEarlierAsync(broad);

        await OverdueAsync(broad);

        await UntilAsync(host, broad, SyncState.Completed);
        Assert.That((Estate.DpsOf("1").Count, Estate.DpsOf("2").Count), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Should_fail_with_a_change_that_covers_one_of_its_records()
    {
        Domain.Parts = [FakeSyncDomain.Change("1")];
        var host = await StartAsync();
        var create = Estate.HoldBefore("create", "1");
        var first = await host.RequestAsync(FakeSyncDomain.Change("1"));
        await create.Reached;
        var covering = await host.RequestAsync(FakeSyncDomain.Change("1"));
        await UntilAsync(host, covering, SyncState.Queued);
        var broad = await RequestAsync(host);
        await HeardAsync<RecordEnded>(host, x => x.CorrelationId == broad); // its record is covered
        Estate.SetNomis("1", -1); // which cannot be translated

        create.Release();

        await UntilAsync(host, first, SyncState.Completed);
        await UntilAsync(host, covering, SyncState.Failed);
        Assert.That((await UntilEndedAsync(host, broad)).Error, Is.EqualTo("1 of 1 records failed"));
    }

    static Task<Guid> RequestAsync(SyncHost host) =>
        host.RequestAsync(new SyncChange { Entity = FakeSyncDomain.Many, Key = "b", Mode = SyncMode.Upsert, Action = "merge", Lanes = ["booking/b"] });

    /// <summary>Longer ago than a request of a record lies in its queue.</summary>
    Task<int> BeginEarlierAsync(Guid broad) => Source.ExecuteAsync(
        "update migration.syncs set begun_at = begun_at - interval '10 minutes', received_at = received_at - interval '10 minutes' where correlation_id = $1", broad);
}
