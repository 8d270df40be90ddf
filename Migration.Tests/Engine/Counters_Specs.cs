using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

public class Counters_Specs : EngineFixture
{
    [Test]
    public async Task Should_be_exact_in_every_snapshot_while_several_pods_work()
    {
        EngineHost[] pods = [StartPod("pod-a"), StartPod("pod-b"), StartPod("pod-c")];
        string[] keys = [.. Enumerable.Range(0, 120).Select(x => $"{x}")];
        var run = await AddRunAsync(keys);
        var queries = new RunQueries(pods[0].Database, new DomainRegistry([new FakeDomain(Estate)]));
        var last = Estate.HoldBefore(Call.Create, "119");
        var work = Task.WhenAll(pods.Select(async (pod, i) =>
        {
            foreach (var key in keys.Where((_, x) => x % 3 == i))
                await pod.MigrateAsync(run, key);
        }));

        var snapshots = 0;
        long migrated = 0;
        while (migrated < 119)
        {
            var summary = (await queries.FindAsync(run, CancellationToken.None))!; // it was added above
            Assert.That(summary.Found, Is.EqualTo(120));
            Assert.That(summary.Counts.Values, Is.All.GreaterThanOrEqualTo(0));
            Assert.That(summary.Count(RecordState.Migrated), Is.GreaterThanOrEqualTo(migrated));
            migrated = summary.Count(RecordState.Migrated);
            await Invariants.CheckAsync(Source, Estate);
            snapshots++;
        }
        last.Release();
        await Eventually.Ends(work);

        Assert.That(snapshots, Is.GreaterThan(1));
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(120));
    }

    [Test]
    public async Task Should_keep_the_sum_when_one_process_ends_what_another_began()
    {
        var (first, second) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        Estate.FailBefore(Call.Map, "1", Ending.Answered(503));
        await first.MigrateAsync(run, "1");
        await second.DeliverAsync(first.TakeSent().Single());

        Assert.That(await ScalarAsync<long>("select n from migration.run_counters where slot = $1 and state = 'MappingPending'", second.Database.Slot), Is.EqualTo(-1));
        Assert.That(await CountAsync(run, RecordState.MappingPending), Is.Zero);
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(1));
    }
}
