using System.Net;
using Migration.Clients.VisitScheduler;
using Migration.Simulator.Mapping;
using Migration.Simulator.Visits;

namespace Migration.Tests.Simulator;

internal sealed class Visit_scheduler_simulation_Specs : EstateFixture
{
    [Test]
    public async Task Should_create_another_visit_with_every_call()
    {
        var first = await Create(3);
        var second = await Create(3);

        var report = Estate.Visit(3);
        Assert.Multiple(() =>
        {
            Assert.That(first.Body, Does.Match("^[0-9a-z]{2}-[0-9a-z]{2}-[0-9a-z]{2}-[0-9a-z]{2}$"));
            Assert.That(report.Records.Select(record => record.Reference), Is.EqualTo(new[] { first.Body, second.Body }));
            Assert.That(report.Records[0].PrisonerId, Is.EqualTo(Estate.Nomis.Find(3)!.OffenderNo));
            Assert.That(Estate.Duplicates().First, Is.EqualTo(new long[] { 3 }));
        });
    }

    [Test]
    public async Task Should_cancel_a_visit_once()
    {
        var reference = (await Create(3)).Body!;

        var cancelled = await Cancel(reference, OutcomeStatus.VisitorCancelled);
        var again = await Cancel(reference, OutcomeStatus.PrisonerCancelled);
        var unknown = await Cancel("aa-aa-aa-aa", OutcomeStatus.PrisonerCancelled);

        var record = Estate.FindRecord(reference)!;
        Assert.Multiple(() =>
        {
            Assert.That((record.Status, record.Outcome), Is.EqualTo(("CANCELLED", "VISITOR_CANCELLED")));
            Assert.That(new[] { cancelled, again, unknown }, Is.EqualTo(new[] { HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound }));
        });
    }

    [Test]
    public async Task Should_record_no_outcome_as_not_recorded()
    {
        await Create(3);

        Assert.That(Estate.Visit(3).Records.Single().Outcome, Is.EqualTo("NOT_RECORDED"));
    }

    [TestCase("2027-05-24T23:59:00", 201)]
    [TestCase("2027-05-25T00:00:00", 422)]
    public async Task Should_refuse_what_lies_more_than_six_months_ahead(DateTime start, int expected)
    {
        var visit = Translated(3);
        visit.StartTimestamp = start;

        var answer = await Create(visit);

        Assert.Multiple(() =>
        {
            Assert.That((int?)answer.Status, Is.EqualTo(expected));
            Assert.That(Estate.Visit(3).Refused, Is.EqualTo(expected == 422));
        });
    }

    [Test]
    public async Task Should_refuse_official_visits()
    {
        var visit = Translated(3);
        visit.VisitType = VisitType.Official;

        var answer = await Create(visit);

        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.BadRequest));
            Assert.That(Estate.Invalid().Count, Is.Zero);
        });
    }

    [Test]
    public async Task Should_refuse_blanks([Values("room", "prison", "prisoner")] string what)
    {
        var visit = Translated(3);
        visit.VisitRoom = what == "room" ? " " : visit.VisitRoom;
        visit.PrisonId = what == "prison" ? "" : visit.PrisonId;
        visit.PrisonerId = what == "prisoner" ? "" : visit.PrisonerId;

        Assert.That((await Create(visit)).IsRefusedWith(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Should_reconcile_both_sides()
    {
        var mapped = await Create(3);
        Estate.Map(new VisitMapping(3, mapped.Body!, "label", "MIGRATED", default));
        var unmapped = await Create(4);
        var tooFar = Translated(5);
        tooFar.StartTimestamp = new DateTime(2028, 1, 1);
        await Create(tooFar);

        var reconciliation = Estate.Reconcile();

        Assert.Multiple(() =>
        {
            Assert.That((reconciliation.Source, reconciliation.Dps, reconciliation.Mapped, reconciliation.Refused), Is.EqualTo((500, 2, 1, 1)));
            Assert.That(reconciliation.Unmapped.First, Is.EqualTo(new[] { unmapped.Body }));
            Assert.That(reconciliation.Duplicates.Count, Is.Zero);
            Assert.That(reconciliation.Missing.Count, Is.EqualTo(498));
            Assert.That(reconciliation.Missing.First, Does.Not.Contain(3).And.Not.Contain(5).And.Contain(4));
        });
    }

    [Test]
    public void Should_read_its_references_back()
    {
        var references = Enumerable.Range(0, 100_000).Select(References.Of).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(references, Is.Unique);
            Assert.That(references.Select(References.NumberOf), Is.EqualTo(Enumerable.Range(0, 100_000)));
            Assert.That(References.NumberOf(References.Of(int.MaxValue - 1)), Is.EqualTo(int.MaxValue - 1));
            Assert.That(References.NumberOf("654321"), Is.Null);
        });
    }

    private async Task<HttpStatusCode?> Cancel(string reference, OutcomeStatus outcome) => (await Client<IVisitScheduler>().CancelVisit(
        reference, new CancelVisit { ActionedBy = "XQB12T_GEN", CancelOutcome = new CancelOutcome { OutcomeStatus = outcome, Text = "Cancelled by NOMIS" } }, default)).StatusCode;
}
