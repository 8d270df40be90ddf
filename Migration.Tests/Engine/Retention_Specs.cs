using Migration.Contracts.Runs;

namespace Migration.Tests.Engine;

/// <summary>Rows of runs that ended long ago go, and what a person has still to look at stays.</summary>
public class Retention_Specs : EngineFixture
{
    [TestCase(RunState.Completed)]
    [TestCase(RunState.Cancelled)]
    public async Task Should_remove_a_run_that_ended_long_ago(string state)
    {
        var pod = StartPod();
        var old = await AddEndedRunAsync(pod, state, daysAgo: 401, "1", "2", "never claimed");
        var young = await AddEndedRunAsync(pod, RunState.Completed, daysAgo: 399, "1", "2");

        await SweepAsync(pod);

        Assert.That(await ListAsync("select run_id from migration.runs"), state == RunState.Cancelled ? Is.EqualTo(new[] { young }) : Is.EqualTo(new[] { old, young }),
            "a record that is open in a completed run was reopened");
        Assert.That(await ScalarAsync<long>("select count(*) from migration.ledger where run_id = $1", old), Is.EqualTo(state == RunState.Cancelled ? 0 : 1));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.ledger where run_id = $1", young), Is.EqualTo(2));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.run_pages where run_id = $1", young), Is.EqualTo(1));
        if (state == RunState.Cancelled)
            Assert.That(await ListAsync("select run_id from migration.run_counters union select run_id from migration.run_pages union select run_id from migration.ledger"), Is.EqualTo(new[] { young }));
    }

    [Test]
    public async Task Should_keep_what_a_person_has_to_look_at()
    {
        var pod = StartPod(isTargetSearchable: false);
        var run = await AddRunAsync("1", "2", "3");
        Estate.FailAfter(Call.Create, "1", Ending.NoAnswer);
        await pod.MigrateAsync(run, "1");
        foreach (var key in new[] { "1", "2", "3" })
            await pod.MigrateAsync(run, key);
        await ExecuteAsync("insert into migration.strays (record, target_id, reason, found_by, since) values ('things/thing/2', 'dps', 'late', 'test', clock_timestamp() - interval '2 years')");
        await EndAsync(run, RunState.Completed, daysAgo: 500);

        await SweepAsync(pod);

        Assert.That(await ListAsync("select key from migration.ledger"), Is.EqualTo(new[] { "1" }), "a possible duplicate");
        Assert.That(await RunStateAsync(run), Is.EqualTo(RunState.Completed));
        Assert.That(await StraysAsync(), Is.EqualTo(new[] { "dps" }));
        Assert.That(await AmbiguousAsync(), Is.EqualTo(new[] { "1" }));

        await ExecuteAsync("update migration.ledger set possible_duplicate = false");
        await SweepAsync(pod);
        Assert.That(await ListAsync("select run_id from migration.runs"), Is.Empty);
    }

    [Test]
    public async Task Should_remove_small_batches_and_count_them()
    {
        var pod = StartPod();
        var run = await AddRunAsync([.. Enumerable.Range(0, 4500).Select(x => $"{x}")], RunState.Cancelled);
        await EndAsync(run, RunState.Cancelled, daysAgo: 500);

        await pod.SweepEndedRunsAsync();

        Assert.That(await CountAsync(run, RecordState.Pending), Is.EqualTo(2500));
        Assert.That(await ScalarAsync<long>("select count(*) from migration.ledger"), Is.EqualTo(2500));
    }

    async Task<string> AddEndedRunAsync(EngineHost pod, string state, int daysAgo, params string[] keys)
    {
        var run = await AddRunAsync(keys);
        foreach (var key in keys.Where(x => x != "never claimed"))
            await pod.MigrateAsync(run, key);
        await EndAsync(run, state, daysAgo);
        return run;
    }

    async Task EndAsync(string run, string state, int daysAgo) => await ExecuteAsync(
        """
        update migration.runs set state = $2, started_at = clock_timestamp() - interval '600 days', ended_at = clock_timestamp() - $3 * interval '1 day', next_check_at = null
        where run_id = $1
        """, run, state, daysAgo);

    static async Task SweepAsync(EngineHost pod)
    {
        for (var sweep = 0; sweep < 4; sweep++)
            await pod.SweepEndedRunsAsync();
    }
}
