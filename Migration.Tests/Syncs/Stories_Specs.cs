using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Syncs;

/// <summary>
/// Whatever happens in NOMIS, in whatever order its events come, and whatever fails, dies or is doubled on the way: at rest DPS
/// shows the last state of every record once, or somebody is told why not.
/// </summary>
public sealed class Stories_Specs : SyncFixture
{
    /// <summary>The first story's seed, "seed,gamma" as a failure prints it; set it to see that failure again, or to hear other stories.</summary>
    const string SeedVariable = "SYNC_STORIES_SEED";

    const int MaxAttempts = 6;

    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(20);

    readonly ConcurrentDictionary<string, int> _ends = new();
    Luck _luck = new(0);
    int _stories;

    [Test]
    public async Task Should_show_the_last_state_of_every_record_once_or_tell_why_not()
    {
        var times = Times();
        times.GrantHeardWithin = TimeSpan.FromMilliseconds(50);
        times.MaxAttempts = MaxAttempts;
        Estate.OnCall = async (call, key) =>
        {
            await Lines.PassAsync("before " + call);
            return WhatGoesWrong(call, key);
        };
        Estate.OnAnswer = () => Lines.PassAsync("after a call");
        var host = await StartAsync(hasSteps: false, options: times);
        host.Deliveries = message => Task.FromResult(message is LaneGranted or GraceElapsed && _luck.Strikes(5) ? 0 : _luck.Strikes(10) ? 2 : 1);
        await using var steps = new MortalSteps(host, Domain, ConnectionString, times) { Copies = _ => _luck.Strikes(10) ? 2 : 1 };

        var seed = (Environment.GetEnvironmentVariable(SeedVariable) ?? "20261124,1").Split(',').Select(ulong.Parse).ToArray();
        var config = Config.QuickThrowOnFailure.WithMaxTest(60).WithQuietOnSuccess(true)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed[0], seed[1] | 1), FSharpOption<int>.None)));
        await Task.Run(() => Check.One(config, Prop.ForAll(Story.Any, story => TellAsync(host, steps, story))));

        Assert.That(steps.Errors, Is.Empty);
        TestContext.Out.WriteLine(string.Join(", ", _ends.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => $"{x.Value} {x.Key}")));
        Assert.That(_ends.GetValueOrDefault("shown"), Is.GreaterThan(_ends.GetValueOrDefault("told of") * 10), "most stories end well");
    }

    async Task TellAsync(SyncHost host, MortalSteps steps, Story story)
    {
        var luck = _luck = new Luck(story.Luck);
        var prefix = $"{++_stories}-";
        var (syncs, late, removed) = (new List<Guid>(), new List<(Guid, SyncChange)>(), new HashSet<string>());
        for (var i = 0; i < story.Happenings.Count; i++)
        {
            var happening = story.Happenings[i];
            var key = prefix + happening.Record;
            if (removed.Contains(key))
                continue;
            if (happening.IsRemoval && removed.Add(key))
                Estate.RemoveNomis(key);
            else
                Estate.SetNomis(key, i + 1);
            var sync = Guid.NewGuid();
            syncs.Add(sync);
            steps.Processes[sync] = new Lines(_ => luck.Strikes(3));
            var change = FakeSyncDomain.Change(key, happening.IsRemoval ? SyncMode.Delete : SyncMode.Upsert, happening.HasGrace ? Grace : null);
            if (happening.Arrival == Arrival.Late)
            {
                late.Add((sync, change));
                continue;
            }
            await host.RequestAsync(change, sync);
            if (happening.Arrival == Arrival.Twice)
                await host.RequestAsync(change, sync);
            if (happening.IsAwaited)
                await RestAsync(steps, [sync], story);
        }
        foreach (var (sync, change) in late.OrderBy(_ => luck.Next(100)))
            await host.RequestAsync(change, sync);
        await RestAsync(steps, syncs, story);

        luck.IsOver = true;
        await LookAgainAsync(host, steps, syncs, prefix, story);
        Assert.That(await Source.ListAsync("select lane from migration.lanes where starts_with(lane, 'thing/' || $1)", prefix), Is.Empty, "no lane is held");
        foreach (var key in story.Happenings.Select(x => prefix + x.Record).Distinct())
            await CheckAsync(key, removed.Contains(key));
        await SyncInvariants.CheckAsync(Source, Estate);
    }

    /// <summary>At rest: shown as it is in NOMIS, or an operator knows.</summary>
    async Task CheckAsync(string key, bool isRemoved)
    {
        var undecided = await Source.ListAsync("select state_reason from migration.syncs where key = $1 and state in ('NeedsOperator', 'Failed')", key);
        if (undecided.Length > 0)
        {
            Assert.That(undecided, Is.All.Not.Empty);
            _ends.AddOrUpdate("told of", 1, (_, x) => x + 1);
            return;
        }
        var shown = Estate.Mapping(key) is { } mapped ? Estate.Dps[mapped].Version : (int?)null;
        Assert.That(shown, Is.EqualTo(isRemoved ? null : Estate.Nomis(key)), $"DPS shows {key}");
        _ends.AddOrUpdate("shown", 1, (_, x) => x + 1);
        if (Estate.DpsOf(key).Count > (isRemoved ? 0 : 1))
            _ends.AddOrUpdate("shown beside a listed record", 1, (_, x) => x + 1); // that it is listed is an invariant
    }

    /// <summary>Nothing fails any more: an operator retries what has failed, and what is in doubt is looked at.</summary>
    async Task LookAgainAsync(SyncHost host, MortalSteps steps, List<Guid> syncs, string prefix, Story story)
    {
        foreach (var failed in await Source.ListAsync("select correlation_id::text from migration.syncs where correlation_id = any ($1) and state = 'Failed'", syncs.ToArray()))
        {
            var id = Guid.Parse(failed);
            await host.SendAsync(new RetrySync(id, "operator"));
            await HeardAsync<RetrySync>(host, x => x.CorrelationId == id);
        }
        await RestAsync(steps, syncs, story);
        await SettleAsync();
        await Eventually.IsTrue(async () => await Source.ScalarAsync<long>(
            """
            select (select count(*) from migration.syncs where starts_with(key, $1) and ended_at is null)
                 + (select count(*) from migration.ambiguous a where starts_with(a.record, 'things/thing/' || $1) and a.kind <> 'create'
                    and not exists (select from migration.syncs s where 'things/thing/' || s.key = a.record and s.state in ('NeedsOperator', 'Failed')))
            """, prefix) == 0, $"the looks have ended: {story}");
    }

    /// <summary>These have ended; the leases of all processes that died run out meanwhile, and the graces whose timer was lost.</summary>
    async Task RestAsync(MortalSteps steps, IReadOnlyCollection<Guid> syncs, Story story)
    {
        Guid[] all = [.. syncs];
        await Eventually.Value(async () =>
        {
            var dead = steps.Processes.Where(x => !x.Value.Deaths.IsEmpty).Select(x => x.Key).ToArray();
            await Source.ExecuteAsync(
                """
                update migration.syncs set due_at = clock_timestamp() - interval '1 second'
                where due_at > clock_timestamp() + interval '20 seconds'
                  and (correlation_id = any ($1) and (step_token is not null or attempts >= $2) or state = 'Grace' and due_at < clock_timestamp() + interval '30 seconds')
                """, dead, MaxAttempts);
            return string.Join("; ", await Source.ListAsync(
                """
                select concat_ws(' ', id, key, state, 'step', step_no, step_token, 'attempts', attempts, 'pokes', pokes, 'due in', due_at - clock_timestamp())
                from unnest($1) id left join migration.syncs on correlation_id = id where ended_at is null
                """, (object)all));
        }, waiting => waiting.Length == 0, what: $"all have ended: {story}");
    }

    Fault WhatGoesWrong(string call, string key)
    {
        if (call == "map" && Estate.Mapping(key) is null && _luck.Strikes(5))
            Estate.Map(key, Estate.AddDps(key, 0)); // another was faster: 409
        if (!_luck.Strikes(8))
            return Fault.None;
        return _luck.Next(4) switch { 0 => new Fault(429), 1 => new Fault(503), 2 => new Fault(401), _ => Fault.AnswerLost };
    }
}
