using System.Collections.Concurrent;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>
/// The process of a step dies between every two of its lines: before and after each upstream call, each report, and its
/// acknowledgement, so on both sides of every write. Nothing is stuck, and no second record of DPS is unknown.
/// </summary>
public sealed class Killed_steps_Specs : SyncFixture
{
    /// <summary>More than any of the changes has lines; those beyond the last are runs in which nobody dies.</summary>
    const int Lives = 40;

    readonly ConcurrentDictionary<string, bool> _seen = new();

    [TestCase("create", SyncState.Completed)]
    [TestCase("update", SyncState.Completed)]
    [TestCase("delete", SyncState.Completed)]
    [TestCase("create, refused at first", SyncState.Completed)]
    [TestCase("create, its answer lost at first", SyncState.Completed)]
    [TestCase("update, its answer lost at first", SyncState.Completed)]
    [TestCase("create, its mapping lost at first", SyncState.Completed)]
    [TestCase("create, mapped by another meanwhile", SyncState.Compensated)]
    [TestCase("create, never read", SyncState.Failed)]
    [TestCase("create, never mapped", SyncState.Failed)]
    public async Task Should_end_and_leave_nothing_unknown_wherever_the_process_dies(string change, string unharmed)
    {
        _seen.Clear();
        Estate.OnCall = async (call, key) =>
        {
            await Lines.PassAsync("before " + call);
            return Fault(change, call, key);
        };
        Estate.OnAnswer = () => Lines.PassAsync("after a call");
        var host = await StartAsync(hasSteps: false);
        await using var steps = new MortalSteps(host, Domain, ConnectionString, Times());

        var lives = await Task.WhenAll(Enumerable.Range(1, Lives).Select(x => LiveAsync(host, steps, change, x)));

        Assert.That(steps.Errors, Is.Empty);
        Assert.That(await LanesAsync(), Is.Empty);
        await SyncInvariants.CheckAsync(Source, Estate);
        var died = lives.Where(x => !x.Lines.Deaths.IsEmpty).ToArray();
        TestContext.Out.WriteLine(string.Join(Environment.NewLine, died.Select(x => $"{x.Lines.Deaths.Single()}: {x.Ended.State}{(x.Ended.PossibleDuplicate ? ", flagged" : "")}")));
        Assert.That((died.Length > 5, died.Length < Lives), Is.EqualTo((true, true)), "every line was one to die at");
        Assert.That(lives.Except(died).Select(x => x.Ended.State).Distinct(), Is.EqualTo(new[] { unharmed }));
        foreach (var (key, lines, _) in lives.Where(x => x.Ended.State is SyncState.Completed or SyncState.Ignored or SyncState.Compensated)) // a removal may find that the dead process had done it
        {
            var expected = change == "delete" ? null : Estate.Nomis(key);
            Assert.That(Estate.Mapping(key) is { } mapped && Estate.Dps.ContainsKey(mapped) ? Estate.Dps[mapped].Version : (int?)null, Is.EqualTo(expected), $"{key}, died at {lines.Deaths.FirstOrDefault()}");
        }
    }

    async Task<(string Key, Lines Lines, SyncSummary Ended)> LiveAsync(SyncHost host, MortalSteps steps, string change, int diesAt)
    {
        var key = $"{diesAt}";
        Estate.SetNomis(key, 7);
        if (change.StartsWith("update", StringComparison.Ordinal) || change == "delete")
            Estate.Map(key, Estate.AddDps(key, 1));
        var (sync, lines) = (Guid.NewGuid(), Lines.DyingAt(diesAt));
        steps.Processes[sync] = lines;
        await host.RequestAsync(FakeSyncDomain.Change(key, change == "delete" ? SyncMode.Delete : SyncMode.Upsert), sync);
        var ended = await Eventually.Value(async () =>
        {
            if (!lines.Deaths.IsEmpty)
                await LetTimePassAsync(sync);
            return await host.Queries.FindAsync(sync, CancellationToken.None);
        }, x => x?.HasEnded == true, TimeSpan.FromSeconds(90), $"{change}, died at {diesAt}: has ended");
        return (key, lines, ended!); // it has
    }

    /// <summary>The lease of who died runs out, and so does the time of a message that went to the dead letters. What has been poked is left to hear of it.</summary>
    Task<int> LetTimePassAsync(Guid sync) => Source.ExecuteAsync(
        """
        update migration.syncs set due_at = clock_timestamp() - interval '1 second'
        where correlation_id = $1 and due_at > clock_timestamp() + interval '20 seconds' and (step_token is not null or attempts >= $2)
        """, sync, Times().MaxAttempts);

    Fault Fault(string change, string call, string key)
    {
        switch (change, call)
        {
            case ("create, refused at first", "create") when _seen.TryAdd(key, true):
                return new Fault(429);
            case ("create, its answer lost at first", "create") when _seen.TryAdd(key, true):
            case ("update, its answer lost at first", "update") when _seen.TryAdd(key, true):
            case ("create, its mapping lost at first", "map") when _seen.TryAdd(key, true):
                return Syncs.Fault.AnswerLost;
            case ("create, mapped by another meanwhile", "map") when _seen.TryAdd(key, true):
                Estate.Map(key, Estate.AddDps(key, 1));
                return Syncs.Fault.None;
            case ("create, never read", "read"):
            case ("create, never mapped", "map"):
                return new Fault(503);
            default:
                return Syncs.Fault.None;
        }
    }
}
