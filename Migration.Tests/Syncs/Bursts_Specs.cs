using System.Diagnostics;
using Migration.Contracts.Syncs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>Many events at once, of one record and of many.</summary>
public sealed class Bursts_Specs : SyncFixture
{
    const int Pairs = 1000;
    const int Burst = 3000;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [Test]
    public async Task Should_create_once_when_two_events_of_an_unmapped_record_come_at_the_same_instant()
    {
        var host = await StartAsync(isSweeping: false); // no word is lost here
        string[] keys = [.. Enumerable.Range(0, Pairs).Select(x => $"{x}")];
        foreach (var key in keys)
            Estate.SetNomis(key, 1);
        var watch = Stopwatch.StartNew();

        await Task.WhenAll(keys.SelectMany(key => Enumerable.Range(0, 2).Select(_ => host.RequestAsync(FakeSyncDomain.Change(key)))));

        await Eventually.Value(EndedAsync, x => x == 2 * Pairs, Patience);
        TestContext.Out.WriteLine($"{2 * Pairs} syncs in {watch.Elapsed.TotalSeconds:0.0} s");
        var records = Estate.Dps;
        Assert.That(Estate.Calls.Count(x => x.Call == "create"), Is.EqualTo(Pairs));
        Assert.That(records.Values.Select(x => x.Key), Is.EquivalentTo(keys), "exactly one record each");
        Assert.That(keys.Where(x => !records.ContainsKey(Estate.Mapping(x)!)), Is.Empty, "and it is mapped"); // no mapping: no record either
        Assert.That((await LanesAsync(), await StraysAsync(), await AmbiguousAsync()), Is.EqualTo((Array.Empty<string>(), Array.Empty<string>(), Array.Empty<string>())));
    }

    [Test]
    public async Task Should_push_once_for_a_burst_and_a_second_time_for_what_comes_after_the_push_began()
    {
        var host = await StartAsync(isSweeping: false);
        Estate.SetNomis("1", 1);
        var read = Estate.HoldAfter("read", "1");
        var first = await EnteredAsync(host, FakeSyncDomain.Change("1", grace: TimeSpan.FromMinutes(10)));
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(2, Burst - 1).Select(x =>
        {
            Estate.SetNomis("1", x);
            return host.TakeInAsync(FakeSyncDomain.Change("1", grace: TimeSpan.FromMinutes(10)));
        }));
        await Eventually.Value(EndedAsync, x => x == Burst - 1, Patience);
        TestContext.Out.WriteLine($"{Burst} events of one record in {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.That(Estate.Count("read", "1"), Is.Zero);
        var last = Estate.Nomis("1");

        await host.SendAsync(new GraceElapsed(first, (await StepOfAsync(first)).StepNo));
        await read.Reached;
        Estate.SetNomis("1", Burst + 1);
        var late = await EnteredAsync(host, FakeSyncDomain.Change("1"));
        read.Release();

        await UntilAsync(host, first, SyncState.Completed);
        await UntilAsync(host, late, SyncState.Completed);
        Assert.That(await Source.ScalarAsync<long>("select count(*) from migration.syncs where absorbed_by = $1", first), Is.EqualTo(Burst - 1));
        Assert.That((Estate.Count("read", "1"), Estate.Count("create", "1"), Estate.Count("update", "1")), Is.EqualTo((2, 1, 1)));
        Assert.That((last, Estate.DpsOf("1").Single().Value.Version), Is.EqualTo((Burst, Burst + 1)));
    }

    [Test]
    public async Task Should_leave_nothing_stuck_when_the_push_of_a_grace_dies_at_any_line()
    {
        const int Lives = 20; // the push and its mapping have twelve lines
        Estate.OnCall = async (call, _) =>
        {
            await Lines.PassAsync("before " + call);
            return Fault.None;
        };
        Estate.OnAnswer = () => Lines.PassAsync("after a call");
        var host = await StartAsync(hasSteps: false);
        await using var steps = new MortalSteps(host, Domain, ConnectionString, Times());

        var deaths = await Task.WhenAll(Enumerable.Range(1, Lives).Select(async diesAt =>
        {
            var (key, grace, lines) = ($"{diesAt}", TimeSpan.FromMinutes(10), Lines.DyingAt(diesAt));
            Estate.SetNomis(key, 1);
            var first = Guid.NewGuid();
            steps.Processes[first] = lines;
            await host.RequestAsync(FakeSyncDomain.Change(key, grace: grace), first);
            await UntilAsync(host, first, SyncState.Grace);
            var covered = await host.RequestAsync(FakeSyncDomain.Change(key, grace: grace));
            Assert.That((await UntilEndedAsync(host, covered)).AbsorbedBy, Is.EqualTo(first));
            await OverdueAsync(first);
            await Eventually.IsTrue(() => Estate.Count("read", key) > 0 || !lines.Deaths.IsEmpty, "the push has begun");
            Estate.SetNomis(key, 2);
            var late = await host.RequestAsync(FakeSyncDomain.Change(key));
            foreach (var sync in (Guid[])[first, late])
            {
                await Eventually.Value(async () =>
                {
                    if (!lines.Deaths.IsEmpty)
                        await LeaseRunsOutAsync(first);
                    return await host.Queries.FindAsync(sync, CancellationToken.None);
                }, x => x?.State == SyncState.Completed, Patience);
            }
            Assert.That(Estate.Dps[Estate.Mapping(key)!].Version, Is.EqualTo(2)); // it is completed
            return lines.Deaths.FirstOrDefault();
        }));

        TestContext.Out.WriteLine(string.Join(", ", deaths.OfType<string>()));
        Assert.That(deaths.OfType<string>().Count(), Is.InRange(10, Lives - 1), "every line was one to die at");
        Assert.That((steps.Errors.IsEmpty, await LanesAsync()), Is.EqualTo((true, Array.Empty<string>())));
    }

    Task<long> EndedAsync() => Source.ScalarAsync<long>("select count(*) from migration.syncs where ended_at is not null");

    Task<int> LeaseRunsOutAsync(Guid sync) => Source.ExecuteAsync(
        "update migration.syncs set due_at = clock_timestamp() - interval '1 second' where correlation_id = $1 and due_at > clock_timestamp() + interval '20 seconds' and step_token is not null", sync);
}
