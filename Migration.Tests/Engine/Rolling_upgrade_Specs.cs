using Migration.Contracts.Runs;
using Migration.Sagas.Runs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

/// <summary>Two pods with different settings side by side, as during a deployment.</summary>
public class Rolling_upgrade_Specs : EngineFixture
{
    static EngineOptions Old => new() { Lease = TimeSpan.FromSeconds(30), RenewEvery = TimeSpan.FromSeconds(5), GroupSize = 1, MaxAttempts = 3, SenderGrace = TimeSpan.Zero };
    static EngineOptions New => new() { Lease = TimeSpan.FromMinutes(5), RenewEvery = TimeSpan.FromMinutes(1), GroupSize = 200, MaxAttempts = 8, SenderGrace = TimeSpan.Zero };

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_end_the_same_when_one_takes_over_from_the_other(bool isOldFirst)
    {
        var (old, young) = (StartPod("old", options: Old), StartPod("new", options: New));
        var (first, second) = isOldFirst ? (old, young) : (young, old);
        var run = await AddRunAsync("1");
        var create = Estate.HoldBefore(Call.Create, "1");
        var late = first.MigrateAsync(run, "1");
        await create.Reached;
        await ExpireAndSweepAsync(second, run, "1");
        await second.MigrateAsync(run, "1");
        create.Release();
        await Eventually.Ends(late);

        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(await StraysAsync(), Is.EqualTo(new[] { Estate.CreatedFor("1")[1] }));
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_create_each_record_once_when_both_get_every_message()
    {
        EngineHost[] pods = [StartPod("old", options: Old), StartPod("new", options: New)];
        string[] keys = [.. Enumerable.Range(0, 40).Select(x => $"{x}")];
        var run = await AddRunAsync(keys);

        var ended = await Eventually.Ends(Task.WhenAll(keys.SelectMany(key => pods.Select(pod => pod.MigrateAsync(run, key)))));

        Assert.That(ended.Select(x => x.Error), Is.All.Null);
        Assert.That(keys.Select(x => Estate.Count(Call.Create, x)), Is.All.EqualTo(1));
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(40));
    }
}
