using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Mapping;
using Migration.Simulator.Nomis;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>The bulk migration of adjustments, alone and beside events of the same adjustments (spec: sentencing-adjustments 8, 12.9).</summary>
sealed class Adjustment_migration_Specs : SyncServiceFixture
{
    [Test]
    public async Task Should_migrate_every_adjustment_that_nomis_shows() // B3, B9
    {
        var run = await StartAsync();
        var history = await Host.WaitForAsync(run, "COMPLETED");

        var account = Estate.ReconcileAdjustments();
        await Host.Telemetry.WaitForAsync(run, "sentencing-adjustments-migration-completed");
        var told = Host.Telemetry.Of(run, "sentencing-adjustments-migration-entity-migrated");
        Assert.Multiple(() =>
        {
            Assert.That(account.Source, Is.GreaterThan(20));
            Assert.That((account.Dps, account.Mapped, account.Missing.Count, account.Stale.Count), Is.EqualTo((account.Source, account.Source, 0, 0)));
            Assert.That(((int)history["recordsMigrated"]!, (int)history["recordsFailed"]!, (string?)history["migrationType"]), Is.EqualTo((account.Source, 0, "SENTENCING_ADJUSTMENTS")));
            Assert.That(told, Has.Count.EqualTo(account.Source));
            Assert.That(told[0].Keys, Is.EquivalentTo(new[] { "nomisAdjustmentId", "nomisAdjustmentCategory", "adjustmentId", "migrationId" }));
            Assert.That(Host.Telemetry.NamesOf(run), Has.Exactly(1).EqualTo("sentencing-adjustments-migration-started").And.Exactly(1).EqualTo("sentencing-adjustments-migration-completed"));
            Assert.That(AnyMapped().Label, Is.EqualTo(run));
        });
    }

    [Test]
    public async Task Should_leave_alone_what_is_mapped_already() // B6
    {
        foreach (var adjustment in Visible())
            Estate.CreateAndMap(adjustment);

        await Host.WaitForAsync(await StartAsync(), "COMPLETED");

        Assert.That(Estate.RequestsOf(Operations.MigrateAdjustment), Is.Zero);
    }

    [Test]
    public async Task Should_write_a_mapping_that_failed_at_first_without_creating_again() // B4
    {
        using var refusal = Refuse(Operations.CreateAdjustmentMapping, 500, times: 1);

        await Host.WaitForAsync(await StartAsync(), "COMPLETED");

        var source = Estate.ReconcileAdjustments().Source;
        Assert.That((Estate.RequestsOf(Operations.MigrateAdjustment), Estate.RequestsOf(Operations.CreateAdjustmentMapping)), Is.EqualTo((source, source + 1)));
    }

    [Test]
    public async Task Should_list_its_record_when_another_is_mapped_meanwhile() // B5
    {
        var chosen = Visible().First();
        using var race = Estate.OnRequest(x => x.Operation == Operations.MigrateAdjustment && x.NomisId == chosen.Key.Id, async (_, takeEffect) =>
        {
            await takeEffect();
            if (Estate.Adjustment(chosen.Key) is { Mapping: null, Records.Count: > 0 })
                Estate.Map(new AdjustmentMapping(chosen.Key, Guid.Empty.ToString(), Label: null, "NOMIS_CREATED", DateTime.Now));
        });
        var run = await StartAsync();

        await Host.WaitForAsync(run, "COMPLETED");

        var told = (await Host.Telemetry.WaitForAsync(run, "nomis-migration-adjustment-duplicate")).Single();
        Assert.That((told["existingAdjustmentId"], told["duplicateNomisAdjustmentId"], told["duplicateNomisAdjustmentCategory"]), Is.EqualTo((Guid.Empty.ToString(), chosen.Key.Id.ToString(), chosen.Key.CategoryCode)));
        Assert.That(await World.ReadAsync<string>("select target_id from migration.strays where state = 'Open'"), Is.EqualTo(told["duplicateAdjustmentId"]));
    }

    [Test]
    public async Task Should_let_a_change_wait_for_the_record_that_a_run_has_in_hand()
    {
        var chosen = Visible().GroupBy(x => x.Key.Id).First(x => x.Count() == 1).Single(); // the other category has no adjustment of that number
        using var held = new HeldRequests(Estate, Operations.MigrateAdjustment, nomisId: chosen.Key.Id);
        var run = await StartAsync();
        await Eventually.IsTrue(() => held.Arrived == 1);

        var changed = Estate.Adjustments.Change(chosen.Key, x => x with { Days = x.Days + 1 }); // the run has read it before
        var sync = await SendAsync(NomisEvents.AdjustmentUpserted(changed, Prisoners.NumberOf(Estate.Prisoners.HolderOf(changed.BookingId)), "OIDSENAD"));
        await UntilAsync(sync, "Queued");
        Assert.That(Estate.Adjustment(chosen.Key).Records, Is.Empty);
        held.Release();

        await UntilAsync(sync, "Completed");
        await Host.WaitForAsync(run, "COMPLETED");
        var report = Estate.Adjustment(chosen.Key);
        Assert.That((report.Records.Single().Days, report.Difference, report.Mapping!.DpsId), Is.EqualTo((changed.Days, (string?)null, report.Records[0].Id.ToString())));
        Assert.That((Estate.RequestsOf(Operations.CreateAdjustment), Estate.RequestsOf(Operations.UpdateAdjustment)), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task Should_create_none_twice_and_lose_no_change_when_events_come_meanwhile()
    {
        var all = Visible().ToList();
        var changing = all.Where((_, i) => i % 5 == 0).ToList();
        var run = await StartAsync();
        var syncs = new List<Guid>();
        foreach (var adjustment in changing)
        {
            var changed = Estate.Adjustments.Change(adjustment.Key, x => x with { Days = x.Days + 1 });
            syncs.Add(await SendAsync(NomisEvents.AdjustmentUpserted(changed, Prisoners.NumberOf(Estate.Prisoners.HolderOf(changed.BookingId)), "OIDSENAD")));
        }

        await Host.WaitForAsync(run, "COMPLETED");
        foreach (var sync in syncs)
            await Eventually.IsTrue(async () => (string?)(await FindAsync(sync))["state"] is "Completed" or "Superseded");

        var account = Estate.ReconcileAdjustments();
        Assert.That((account.Dps, account.Duplicates.Count, account.Unmapped.Count, account.Missing.Count, account.Stale.Count), Is.EqualTo((account.Source, 0, 0, 0, 0)));
    }

    [TestCase("""{"fromDate":"2020-01-01"}""", TestName = "B2: dates, which NOMIS can no longer honour")]
    [TestCase("[]", TestName = "no object")]
    public async Task Should_refuse_a_filter_that_it_cannot_honour(string filter)
    {
        using var response = await PostAsync(filter);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await World.ReadAsync<long>("select count(*) from migration.runs where domain = 'sentencing-adjustments' and state not in ('Completed', 'Cancelled')"), Is.Zero);
    }

    IEnumerable<NomisAdjustment> Visible() => Estate.Adjustments.Keys().Select(Estate.Adjustments.Find).OfType<NomisAdjustment>().Where(x => !x.IsHidden);

    AdjustmentMapping AnyMapped() => Visible().Select(x => Estate.Adjustment(x.Key).Mapping).First(x => x is not null)!;

    Task<HttpResponseMessage> PostAsync(string filter) => Host.Operator.PostAsync("/migrate/sentencing", new StringContent(filter, Encoding.UTF8, "application/json"));

    async Task<string> StartAsync()
    {
        using var response = await PostAsync("{}");
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), body);
        return (string)JsonNode.Parse(body)!["migrationId"]!;
    }
}
