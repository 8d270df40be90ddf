using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Nomis;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>Cancellations of visits (spec: visits 7, V-90 and following), also while the visit is being migrated.</summary>
sealed class Visit_sync_Specs : SyncServiceFixture
{
    const long Visit = 9;

    [TestCase("OFFCANC", "PRISONER_CANCELLED", TestName = "V-90")]
    [TestCase(null, "CANCELLATION", TestName = "without an outcome")]
    public async Task Should_cancel_a_visit_that_is_mapped(string? outcome, string dpsOutcome)
    {
        await MigrateAsync();
        Cancel(outcome);

        await SyncAsync(Cancelled());

        var report = Estate.Visit(Visit);
        var told = await ToldAsync("visit-cancellation-synchronisation", "nomisVisitId", "9");
        Assert.Multiple(() =>
        {
            Assert.That((report.Records.Single().Status, report.Records.Single().Outcome), Is.EqualTo(("CANCELLED", dpsOutcome)));
            Assert.That(told, Is.EquivalentTo(new Dictionary<string, string>
            {
                ["offenderNo"] = Estate.Nomis.Find(Visit)!.OffenderNo,
                ["vsipId"] = report.Mapping!.VsipId,
                ["vsipOutcome"] = dpsOutcome,
                ["nomisVisitId"] = "9",
            }));
            Assert.That(Estate.RequestsOf(Operations.CancelVisit), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_leave_alone_a_visit_that_is_not_mapped() // V-91
    {
        Cancel("OFFCANC");

        await SyncAsync(Cancelled(), "Ignored");

        Assert.That((Estate.RequestsOf(Operations.FindVisitMapping), Estate.RequestsOf(Operations.CancelVisit)), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task Should_leave_alone_what_was_cancelled_in_dps()
    {
        Cancel("OFFCANC", "PRISONER_MANAGER_API");

        await SyncAsync(Cancelled(), "Ignored");

        Assert.That((Estate.RequestsOf(Operations.FindVisitMapping), Estate.RequestsOf(Operations.CancelVisit)), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Should_fail_when_nomis_does_not_know_the_visit()
    {
        using var refusal = Refuse(Operations.GetVisit, 404);

        await SyncAsync(Cancelled(), "Failed");

        Assert.That(Estate.RequestsOf(Operations.CancelVisit), Is.Zero);
    }

    [Test]
    public async Task Should_wait_for_the_mapping_of_a_visit_that_is_being_migrated()
    {
        using var held = new HeldRequests(Estate, Operations.CreateVisitMapping);
        var run = await Host.StartRunAsync("""{"visitTypes":[]}""");
        await Eventually.IsTrue(async () => await World.ReadAsync<long>("select count(*) from migration.lanes where lane = 'visit/9'") == 1);
        Cancel("OFFCANC");

        var sync = await SendAsync(Cancelled());
        await UntilAsync(sync, "Queued");
        held.Release();

        await UntilAsync(sync, "Completed");
        await Host.WaitForAsync(run, "COMPLETED");
        Assert.That(Estate.Visit(Visit).Records.Single().Status, Is.EqualTo("CANCELLED"));
    }

    async Task MigrateAsync()
    {
        await Host.MigrateAsync("""{"visitTypes":[]}""");
        Assert.That(Estate.Visit(Visit).Mapping, Is.Not.Null);
    }

    void Cancel(string? outcome, string by = "XQB12T_GEN") => Estate.Nomis.Change(Visit, x => x with
    {
        Status = new CodeDescription("CANC", "Cancelled"),
        Outcome = outcome is null ? null : new CodeDescription(outcome, outcome),
        ModifiedBy = by,
    });

    NomisEvent Cancelled() => NomisEvents.VisitCancelled(Estate.Nomis.Find(Visit)!, "OIDOVIS"); // the estate has a hundred
}
