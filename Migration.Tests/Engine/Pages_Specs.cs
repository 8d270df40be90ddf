using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Runs.Ledger;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Engine;

public class Pages_Specs : EngineFixture
{
    [Test]
    public async Task Should_count_one_read_when_a_page_is_read_twice_at_once_and_its_source_has_changed_between()
    {
        var domain = new FakeDomain(Estate);
        var (first, second) = (StartPod("pod-a", domain), StartPod("pod-b", domain));
        var run = await AddPagingRunAsync();
        domain.Source.SetPage("0", ["1", "2"]);
        var reading = new HeldCall();
        domain.Source.Reading = _ => reading.WaitAsync();
        var slow = first.DeliverAsync(Page(run));
        await reading.Reached;
        domain.Source.Reading = _ => Task.CompletedTask;
        domain.Source.SetPage("0", ["2", "3"], "1");

        await second.DeliverAsync(Page(run));
        reading.Release();
        await Eventually.Ends(slow);

        Assert.That(await KeysAsync(run), Is.EqualTo(new[] { "2", "3" }));
        Assert.That(second.TakeSent(), Has.Count.EqualTo(4), "two records, a follow-on page, a report");
        Assert.That(first.TakeSent(), Is.Empty);
        Assert.That(await CountAsync(run, RecordState.Pending), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_count_one_read_when_both_are_about_to_be_committed()
    {
        var domain = new FakeDomain(Estate);
        var (first, second) = (StartPod("pod-a", domain), StartPod("pod-b", domain));
        var run = await AddPagingRunAsync();
        domain.Source.SetPage("0", ["1", "2"]);
        Task<Delivery> one, two;
        await using (var commits = await HeldCommits.OfAsync(Source, first.Name))
        {
            one = first.DeliverAsync(Page(run));
            await commits.ReachedAsync();
            two = second.DeliverAsync(Page(run));
            await UntilBlockedAsync(second);
        }

        var ended = await Eventually.Ends(Task.WhenAll(one, two));
        Assert.That(ended.Select(x => x.Error), Is.All.Null);
        Assert.That(await CountAsync(run, RecordState.Pending), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_add_nothing_after_a_page_was_reported()
    {
        var domain = new FakeDomain(Estate);
        var pod = StartPod("pod-a", domain);
        var run = await AddPagingRunAsync();
        domain.Source.SetPage("0", ["1"]);
        await pod.DeliverAsync(Page(run));
        pod.TakeSent();
        domain.Source.SetPage("0", ["1", "2"]);

        await pod.DeliverAsync(Page(run));
        Assert.That(await KeysAsync(run), Is.EqualTo(new[] { "1" }));
        Assert.That(pod.TakeSent().Single(), Is.InstanceOf<PageFetched>(), "it is reported again");

        await pod.MigrateAsync(run, "1");
        await ExecuteAsync("update migration.runs set state = 'Completed', ended_at = clock_timestamp(), next_check_at = null");
        await pod.DeliverAsync(Page(run));
        Assert.That(await KeysAsync(run), Is.EqualTo(new[] { "1" }));
        Assert.That(pod.TakeSent(), Is.Empty);
    }

    [Test]
    public async Task Should_add_nothing_to_a_run_that_is_being_cancelled()
    {
        var domain = new FakeDomain(Estate);
        var pod = StartPod("pod-a", domain);
        var run = await AddPagingRunAsync();
        domain.Source.SetPage("0", ["1"]);
        domain.Source.Reading = _ => ExecuteAsync("update migration.runs set state = 'Cancelling'");

        await pod.DeliverAsync(Page(run));

        Assert.That(await KeysAsync(run), Is.Empty);
        Assert.That(await ScalarAsync<string>("select state from migration.run_pages"), Is.EqualTo("Open"), "a resume reads it");
    }

    [Test]
    public async Task Should_send_the_rows_of_a_page_whose_reader_was_killed_before_it_sent()
    {
        var pod = StartPod(options: new() { SenderGrace = TimeSpan.FromSeconds(10) });
        var run = await AddPagingRunAsync();
        await new LedgerPages(pod.Database).ReportAsync(run, "0", new DiscoveredPage(["1", "2"], ["1"]), CancellationToken.None);

        await pod.SweepUnsentAsync();
        Assert.That(pod.TakeSent(), Is.Empty, "whoever changed them sends first");
        await ExecuteAsync("update migration.ledger set changed_at = changed_at - interval '11 seconds'");
        await ExecuteAsync("update migration.run_pages set changed_at = changed_at - interval '11 seconds'");
        await pod.SweepUnsentAsync();

        Assert.That(pod.TakeSent(), Is.EquivalentTo(new object[]
        {
            new MigrateEntity(run, FakeDomain.Things, "1"), new MigrateEntity(run, FakeDomain.Things, "2"),
            Page(run, await ScalarAsync<Guid>("select correlation_id from migration.runs"), "1"),
        }));
        await pod.SweepUnsentAsync();
        Assert.That(pod.TakeSent(), Is.Empty);
    }

    [Test]
    public async Task Should_repeat_the_sends_of_a_page_whose_reader_was_killed_while_it_sent()
    {
        var domain = new FakeDomain(Estate);
        var pod = StartPod("pod-a", domain);
        var run = await AddPagingRunAsync();
        domain.Source.SetPage("0", ["1", "2", "3"]);
        pod.DiesAtSending = x => x is MigrateEntity { Key: "2" };
        Assert.That((await pod.DeliverAsync(Page(run))).IsAcknowledged, Is.False);
        pod.DiesAtSending = x => x is PageFetched;
        Assert.That((await pod.DeliverAsync(Page(run))).IsAcknowledged, Is.False);
        pod.DiesAtSending = _ => false;

        Assert.That((await pod.DeliverAsync(Page(run))).IsAcknowledged, Is.True);

        var sent = pod.TakeSent();
        Assert.That(sent.OfType<MigrateEntity>().Select(x => x.Key).Distinct(), Is.EquivalentTo(new[] { "1", "2", "3" }));
        Assert.That(sent.OfType<PageFetched>().Count(), Is.EqualTo(1));
        await Task.WhenAll(sent.OfType<MigrateEntity>().Select(pod.DeliverAsync));
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(3));
        Assert.That(Estate.Created(), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Should_leave_a_record_unsent_that_had_to_wait_before_its_page_was_marked_sent()
    {
        var domain = new FakeDomain(Estate);
        var (pod, worker) = (StartPod("pod-a", domain), StartPod("pod-b", domain));
        var run = await AddPagingRunAsync();
        domain.Source.SetPage("0", ["1"]);
        await ExecuteAsync("insert into migration.lanes (lane, kind, holder, epoch) values ($1, 'claim', gen_random_uuid(), 1)", "thing/1");
        pod.DiesAtSending = x =>
        {
            if (x is MigrateEntity)
                worker.DeliverAsync(x).Wait(); // at work before its sender goes on
            return false;
        };

        await pod.DeliverAsync(Page(run));

        Assert.That(await ScalarAsync<bool>("select sent_at is null from migration.ledger"), "the sweeper sends it when its time has come");
        await ExecuteAsync("delete from migration.lanes");
    }

    [Test]
    public async Task Should_leave_a_record_unsent_that_a_stopping_process_gave_up_before_its_page_was_marked_sent()
    {
        var domain = new FakeDomain(Estate);
        var (pod, worker) = (StartPod("pod-a", domain), StartPod("pod-b", domain));
        var run = await AddPagingRunAsync();
        domain.Source.SetPage("0", ["1"]);
        var held = Estate.HoldBefore(Call.Read, "1");
        pod.DiesAtSending = x =>
        {
            if (x is MigrateEntity)
                Task.Run(async () =>
                {
                    var delivery = worker.DeliverAsync(x);
                    await held.Reached;
                    await worker.BeginStopAsync();
                    await Eventually.Ends(delivery);
                }).Wait(); // claimed and released before its sender goes on
            return false;
        };

        await pod.DeliverAsync(Page(run));

        Assert.That(await ScalarAsync<string>("select state || ' ' || (sent_at is null) from migration.ledger"), Is.EqualTo("Pending true"), "the sweeper sends it");
    }

    [Test]
    public async Task Should_leave_a_record_that_has_to_wait_to_the_sweeper_when_its_page_is_delivered_again()
    {
        var pod = StartPod();
        var run = await AddRunAsync(["1", "2"], RunState.Paging);
        await ExecuteAsync("update migration.ledger set sent_at = null, not_before = case key when '1' then clock_timestamp() + interval '1 hour' else not_before end");

        await pod.DeliverAsync(Page(run));

        Assert.That(pod.TakeSent().OfType<MigrateEntity>().Select(x => x.Key), Is.EqualTo(new[] { "2" }));
        Assert.That(await ScalarAsync<bool>("select sent_at is null from migration.ledger where key = '1'"));
    }

    [Test]
    public async Task Should_say_why_a_page_cannot_be_read_until_it_is()
    {
        var domain = new FakeDomain(Estate);
        var pod = StartPod("pod-a", domain);
        var run = await AddPagingRunAsync();
        domain.Source.SetPage("0", ["1"]);
        domain.Source.Reading = _ => Task.FromException(UpstreamException.From(Ending.Answered(500).ToAnswer<FakeRecord>("nomis")));
        var queries = new RunQueries(pod.Database, new DomainRegistry([domain]));

        Assert.That((await pod.DeliverAsync(Page(run))).IsAcknowledged, Is.False, "it comes back");
        var failed = await queries.CountPagesAsync(run, CancellationToken.None);
        var listed = await ListAsync("select page_key || ': ' || error from dashboard.unread_pages");
        domain.Source.Reading = _ => Task.CompletedTask;
        await pod.DeliverAsync(Page(run));

        Assert.That((failed, listed.Single()), Is.EqualTo((new PageCounts(1, 0, "nomis Unknown 500"), "0: nomis Unknown 500")));
        Assert.That(await queries.CountPagesAsync(run, CancellationToken.None), Is.EqualTo(new PageCounts(0, 1, null)));
        Assert.That(await KeysAsync(run), Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public async Task Should_leave_a_mapping_unsent_that_had_to_wait_before_it_was_marked_sent()
    {
        var (pod, worker) = (StartPod("pod-a"), StartPod("pod-b"));
        var run = await AddRunAsync("1");
        await ExecuteAsync("insert into migration.gates (scope, state, changed_by) values ('upstream/mapping', 'paused', 'test')");
        Estate.FailBefore(Call.Map, "1", Ending.Answered(503));
        pod.DiesAtSending = x =>
        {
            if (x is WriteMapping)
                Task.Run(async () =>
                {
                    await worker.ReadLimitsAsync();
                    await worker.DeliverAsync(x);
                }).Wait(); // at work before its sender goes on
            return false;
        };

        await pod.MigrateAsync(run, "1");

        Assert.That(await ScalarAsync<string>("select state || ' ' || (sent_at is null) from migration.ledger"), Is.EqualTo("MappingPending true"), "the sweeper sends it when its time has come");
    }

    [Test]
    public async Task Should_send_twice_rather_than_never_when_a_sweep_is_killed_between_send_and_commit()
    {
        var pod = StartPod();
        var run = await AddRunAsync("1", "2");
        await ExecuteAsync("update migration.ledger set sent_at = null");
        pod.DiesAtSending = x => x is MigrateEntity { Key: "2" };
        Assert.That(pod.SweepUnsentAsync, Throws.InstanceOf<IOException>());
        pod.DiesAtSending = _ => false;

        await pod.SweepUnsentAsync();

        var sent = pod.TakeSent();
        Assert.That(sent, Has.Count.EqualTo(3));
        await Task.WhenAll(sent.Select(pod.DeliverAsync));
        Assert.That(await CountAsync(run, RecordState.Migrated), Is.EqualTo(2));
        Assert.That(Estate.Created(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Should_not_go_on_without_the_last_look_when_a_page_is_reported_between_two_reads_of_the_pages()
    {
        await using var wire = await BreakableWire.ToAsync(ConnectionString);
        var domain = new FakeDomain(Estate);
        domain.Source.Last = "last";
        await using var sagas = await RunHost.StartAsync(wire.ConnectionString, hasSteps: false, domain);
        var run = await AddPagingRunAsync();
        await ExecuteAsync("insert into migration.run_pages (run_id, page_key, state, sent_at, records) values ($1, '1', 'Reported', clock_timestamp(), 0)", run);
        var correlationId = await ScalarAsync<Guid>("select correlation_id from migration.runs");
        var reported = new TaskCompletionSource();
        wire.Before("not exists (select 1 from migration.run_pages", number: 2, () =>
        {
            ExecuteAsync("update migration.run_pages set state = 'Reported'").Wait();
            reported.SetResult();
        });

        await sagas.SendAsync(new PageFetched(correlationId, run, "1"));
        await Eventually.Ends(reported.Task);
        await sagas.SendAsync(new PageFetched(correlationId, run, "0"));

        await Eventually.IsTrue(async () => await ScalarAsync<long>("select count(*) from migration.run_pages where page_key = 'last' and state = 'Open'") == 1, "it looks once more");
        Assert.That(await RunStateAsync(run), Is.EqualTo(RunState.Paging));
    }

    [Test]
    public async Task Should_go_on_when_the_report_of_a_page_is_lost()
    {
        await using var sagas = await RunHost.StartAsync(ConnectionString, hasSteps: false, new FakeDomain(Estate));
        var pod = StartPod();
        var run = await AddPagingRunAsync();
        await new LedgerPages(pod.Database).ReportAsync(run, "0", new DiscoveredPage(["1"], []), CancellationToken.None);

        await ExecuteAsync("update migration.runs set next_check_at = clock_timestamp()");

        await Eventually.IsTrue(async () => await RunStateAsync(run) == RunState.Migrating, "the run sees that its pages are reported");
        await pod.MigrateAsync(run, "1");
        await Eventually.IsTrue(async () => await RunStateAsync(run) == RunState.Completed, "the run completes");
    }

    async Task<string> AddPagingRunAsync()
    {
        var run = await AddRunAsync([], RunState.Paging);
        await ExecuteAsync("update migration.run_pages set state = 'Open'");
        return run;
    }

    Task<string[]> KeysAsync(string run) => ListAsync("select key from migration.ledger where run_id = $1 order by 1", run);

    static FetchPage Page(string run, Guid? correlationId = null, string pageKey = "0") => new(correlationId ?? Guid.NewGuid(), run, FakeDomain.Things, pageKey);
}
