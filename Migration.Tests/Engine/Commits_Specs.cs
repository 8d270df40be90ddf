using Migration.Contracts.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

public class Commits_Specs : EngineFixture
{
    [Test]
    public async Task Should_lose_no_row_when_a_group_of_claims_breaks_before_its_commit()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        Task<Delivery> delivery;
        await using (var commits = await HeldCommits.OfAsync(Source, pod.Name))
        {
            delivery = pod.MigrateAsync(run, "1");
            await commits.KillAsync();
        }

        if (!(await Eventually.Ends(delivery)).IsAcknowledged)
            await pod.MigrateAsync(run, "1");
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
        Assert.That(Estate.Count(Call.Create, "1"), Is.EqualTo(1));
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_record_outcomes_once_when_their_group_breaks_before_its_commit()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1", "2");
        var creates = new[] { Estate.HoldBefore(Call.Create, "1"), Estate.HoldBefore(Call.Create, "2") };
        var deliveries = new[] { pod.MigrateAsync(run, "1"), pod.MigrateAsync(run, "2") };
        await Task.WhenAll(creates.Select(x => x.Reached));
        await using (var commits = await HeldCommits.OfAsync(Source, pod.Name))
        {
            foreach (var create in creates)
                create.Release();
            await commits.KillAsync();
        }

        var ended = await Eventually.Ends(Task.WhenAll(deliveries));
        Assert.That(ended.Select(x => x.Error), Is.All.Null);
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(2));
        Assert.That(await AmbiguousAsync(), Is.Empty);
        Assert.That(pod.Tracked.Count(x => x.Name == "migrated"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_hold_its_claim_when_the_commit_happened_and_its_answer_was_lost()
    {
        await using var wire = await BreakableWire.ToAsync(ConnectionString);
        var pod = StartPod(connectionString: wire.ConnectionString);
        var run = await AddRunAsync("1");

        wire.LoseNextAnswerTo("insert into migration.lanes");
        var delivery = await Eventually.Ends(pod.MigrateAsync(run, "1"));

        Assert.That(wire.HasLostAnAnswer, Is.True);
        Assert.That(delivery.Error, Is.Null);
        var row = await RowAsync(run, "1");
        Assert.That((row.State, row.ClaimNo, row.Attempts), Is.EqualTo((RecordState.Migrated, 1, 1)));
        Assert.That(Estate.Count(Call.Create, "1"), Is.EqualTo(1));
    }

    [TestCase(null, RecordState.Migrated)]
    [TestCase("no longer", RecordState.Failed)]
    [TestCase("try again", RecordState.Pending)]
    public async Task Should_know_its_outcome_again_when_the_commit_happened_and_its_answer_was_lost(string? failure, string state)
    {
        await using var wire = await BreakableWire.ToAsync(ConnectionString);
        var pod = StartPod(connectionString: wire.ConnectionString);
        var run = await AddRunAsync("1");
        if (failure is not null)
            Estate.FailBefore(Call.Create, "1", Ending.Answered(state == RecordState.Failed ? 400 : 429));

        wire.LoseNextAnswerTo("update migration.ledger l\n  set state = m.new_state");
        var delivery = await Eventually.Ends(pod.MigrateAsync(run, "1"));

        Assert.That(wire.HasLostAnAnswer, Is.True);
        Assert.That(delivery.Error, state == RecordState.Migrated ? Is.Null : Is.Not.InstanceOf<LedgerUnavailableException>());
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(state));
        Assert.That(await StraysAsync(), Is.Empty);
        Assert.That(await AmbiguousAsync(), Is.Empty);
        Assert.That(pod.Tracked.Count(x => x.Name == "migrated"), Is.EqualTo(state == RecordState.Migrated ? 1 : 0));
    }

    static IEnumerable<TestCaseData> Poison()
    {
        yield return new TestCaseData("refused \0 by Postgres").SetArgDisplayNames("NUL character");
        yield return new TestCaseData("refused \ud800 by the driver").SetArgDisplayNames("half a surrogate pair");
    }

    [TestCaseSource(nameof(Poison))]
    public async Task Should_record_the_others_of_a_group_when_one_cannot_be_written(string poison)
    {
        var pod = StartPod();
        string[] keys = ["0", "1", "2", "3"];
        var run = await AddRunAsync(keys);
        var claims = new Dictionary<string, Claim>();
        foreach (var key in keys)
            claims[key] = await ClaimAsync(pod, run, key);
        Task<bool> first;
        List<Task<bool>> others;
        await using (var commits = await HeldCommits.OfAsync(Source, pod.Name))
        {
            first = WriteAsync("0", "plain");
            await commits.ReachedAsync();
            others = [WriteAsync("1", "plain"), WriteAsync("2", poison), WriteAsync("3", "plain")];
        }

        Assert.That(await Eventually.Ends(first), Is.True);
        Assert.That(await Eventually.Ends(others[0]), Is.True);
        Assert.That(await Eventually.Ends(others[2]), Is.True);
        Assert.That(async () => await Eventually.Ends(others[1]), Throws.InstanceOf<LedgerUnavailableException>());
        Assert.That(await CountAsync(run, RecordState.Rejected), Is.EqualTo(3));
        Assert.That(await StateAsync(run, "2"), Is.EqualTo(RecordState.Claimed));

        Task<bool> WriteAsync(string key, string targetId) => pod.WriteOutcomeAsync(new OutcomeEntry(run, key, claims[key].Record, claims[key].ClaimNo, claims[key].Token,
            RecordOutcome.Rejected(new Failure("create", "target", "422", "a rule", "refused")) with { TargetId = targetId }, "create"));
    }

    [Test]
    public async Task Should_record_an_outcome_whose_text_cannot_be_stored_as_it_is()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1");
        var claim = await ClaimAsync(pod, run, "1");
        var failure = new Failure("create", "target", "422", "NUL \0", "half a pair \ud800, a whole one \U0001F600");

        Assert.That(await pod.WriteOutcomeAsync(new OutcomeEntry(run, "1", claim.Record, claim.ClaimNo, claim.Token, RecordOutcome.Rejected(failure), "create")), Is.True);

        Assert.That(await ListAsync("select reason || '|' || error || '|' || fingerprint from migration.ledger"),
            Is.EqualTo(new[] { "NUL \ufffd|half a pair \ufffd, a whole one \U0001F600|create|target|422|NUL \ufffd" }));
    }

    [Test]
    public async Task Should_wait_for_a_database_that_is_away_with_what_it_knows()
    {
        await using var wire = await BreakableWire.ToAsync(ConnectionString);
        var pod = StartPod(connectionString: wire.ConnectionString);
        var run = await AddRunAsync("1", "2");
        var working = await MigrateUntilAsync(Estate.HoldAfter(Call.Map, "1"), pod, run);

        wire.Cut();
        working.Call.Release();
        var waiting = pod.MigrateAsync(run, "2");
        await Eventually.IsTrue(() => wire.Refused >= 10); // two groups, at a second's distance in the end
        wire.Mend();

        Assert.That(new[] { await Eventually.Ends(working.Delivery), await Eventually.Ends(waiting) }.Select(x => x.Error), Is.All.Null);
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(2));
        Assert.That(await AmbiguousAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_give_up_on_a_database_that_stays_away_and_lose_nothing()
    {
        await using var wire = await BreakableWire.ToAsync(ConnectionString);
        var pod = StartPod(connectionString: wire.ConnectionString, options: new() { Lease = TimeSpan.FromSeconds(2), LeaseReserve = TimeSpan.FromSeconds(1.5) });
        var run = await AddRunAsync("1");

        wire.Cut();
        var delivery = await Eventually.Ends(pod.MigrateAsync(run, "1"));
        Assert.That(delivery.Error, Is.InstanceOf<LedgerUnavailableException>());
        wire.Mend();

        await Eventually.IsTrue(async () => (await pod.MigrateAsync(run, "1")).IsAcknowledged, "the message comes back");
        Assert.That(await StateAsync(run, "1"), Is.EqualTo(RecordState.Migrated));
    }

    [Test]
    public async Task Should_grant_the_others_of_a_group_when_one_cannot_be_read()
    {
        var pod = StartPod();
        var run = await AddRunAsync("0", "1", "2");
        Task<Delivery>[] deliveries;
        await using (var commits = await HeldCommits.OfAsync(Source, pod.Name))
        {
            var first = pod.MigrateAsync(run, "0");
            await commits.ReachedAsync();
            deliveries = [first, pod.MigrateAsync(run, "1"), pod.MigrateAsync(run, "poison \0"), pod.MigrateAsync(run, "2")];
        }

        var ended = await Eventually.Ends(Task.WhenAll(deliveries));
        Assert.That(ended.Select(x => x.IsAcknowledged), Is.EqualTo(new[] { true, true, false, true }));
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_repeat_a_group_that_met_a_deadlock()
    {
        var pod = StartPod();
        var run = await AddRunAsync("unlucky");
        await ExecuteAsync(
            """
            create sequence test.deadlocks;
            create function test.meet_deadlock() returns trigger language plpgsql as $$
            begin
              if nextval('test.deadlocks') <= 2 then raise exception 'simulated' using errcode = '40P01'; end if;
              return new;
            end $$;
            create trigger meet_deadlock before update on migration.ledger for each row when (new.key = 'unlucky') execute function test.meet_deadlock();
            """);

        var delivery = await pod.MigrateAsync(run, "unlucky");

        Assert.That(delivery.Error, Is.Null);
        var row = await RowAsync(run, "unlucky");
        Assert.That((row.State, row.Attempts), Is.EqualTo((RecordState.Migrated, 1)));
    }
}
