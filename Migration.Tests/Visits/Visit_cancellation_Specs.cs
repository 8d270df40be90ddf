using System.Net;
using Migration.Clients.NomisMapping;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.VisitScheduler;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains.Visits;
using Migration.Sagas.Syncs.Steps;
using Moq;
using static Migration.Tests.Visits.SampleVisit;

namespace Migration.Tests.Visits;

/// <summary>What is sent for a cancelled visit, against clients that answer as they are told (spec: visits 3.2, 7.1).</summary>
public sealed class Visit_cancellation_Specs
{
    const string VsipId = "6c3ce237-f519";

    readonly Mock<INomisVisits> _nomis = new();
    readonly Mock<IVisitMappings> _mappings = new();
    readonly Mock<IVisitScheduler> _scheduler = new();
    readonly List<(string Reference, CancelVisit Body)> _sent = [];

    [SetUp]
    public void AnswerAsForAVisitThatIsMapped()
    {
        _sent.Clear();
        _mappings.Reset();
        NomisHas(_ => { });
        _mappings.Setup(x => x.FindByNomisId(9, It.IsAny<CancellationToken>()))
            .ReturnsAsync(Responses.Ok(new VisitMapping { NomisId = 9, VsipId = VsipId, MappingType = VisitMappingType.Migrated }));
        Answer(Responses.Ok(HttpStatusCode.OK));
    }

    [TestCase("user1", "create-user", "user1")] // V-90
    [TestCase(null, "create-user", "create-user")]
    public async Task Should_cancel_a_visit_in_the_name_of_who_changed_it_last(string? modifiedBy, string createdBy, string actionedBy)
    {
        NomisHas(x => (x.ModifyUserId, x.CreateUserId) = (modifiedBy, createdBy));

        var outcome = await PushAsync();

        Assert.That((outcome.Kind, _sent.Single().Reference, _sent[0].Body.ActionedBy, _sent[0].Body.CancelOutcome.OutcomeStatus, _sent[0].Body.CancelOutcome.Text),
            Is.EqualTo((PushKind.Done, VsipId, actionedBy, OutcomeStatus.PrisonerCancelled, "Cancelled by NOMIS")));
        Assert.That(outcome.Events.Single().Properties, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["offenderNo"] = "A7948DY",
            ["vsipId"] = VsipId,
            ["vsipOutcome"] = "PRISONER_CANCELLED",
            ["nomisVisitId"] = "9",
        }));
    }

    [TestCase("CANC")]
    [TestCase("SCH", Description = "whether it is still cancelled is not asked")]
    public async Task Should_call_it_a_cancellation_when_nomis_gives_no_outcome(string status)
    {
        NomisHas(x => (x.VisitStatus, x.VisitOutcome) = (Code(status), null));

        await PushAsync();

        Assert.That(_sent.Single().Body.CancelOutcome.OutcomeStatus, Is.EqualTo(OutcomeStatus.Cancellation));
    }

    [Test]
    public async Task Should_not_look_up_the_mapping_of_what_was_cancelled_in_dps() // V-92
    {
        NomisHas(x => x.ModifyUserId = "PRISONER_MANAGER_API");

        var outcome = await PushAsync();

        Assert.That((outcome.Kind, _sent.Count), Is.EqualTo((PushKind.Ignored, 0)));
        _mappings.Verify(x => x.FindByNomisId(It.IsAny<long>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Test]
    public async Task Should_fail_for_good_when_dps_has_no_booked_visit_of_that_reference() // 3.2; at once: docs/parity.md
    {
        Answer(await Responses.Error(HttpStatusCode.NotFound));

        var outcome = await PushAsync();

        Assert.That((outcome.Kind, outcome.Failure?.Step, outcome.Failure?.Status), Is.EqualTo((PushKind.Failed, "cancel", "404")));
    }

    void NomisHas(Action<Visit> change)
    {
        var visit = With(x =>
        {
            (x.VisitId, x.OffenderNo, x.VisitStatus, x.VisitOutcome) = (9, "A7948DY", Code("CANC"), Code("OFFCANC"));
            change(x);
        });
        _nomis.Setup(x => x.GetVisit(9, It.IsAny<CancellationToken>())).ReturnsAsync(Responses.Ok(visit));
    }

    void Answer(Refit.IApiResponse answer) => _scheduler.Setup(x => x.CancelVisit(It.IsAny<string>(), It.IsAny<CancelVisit>(), It.IsAny<CancellationToken>()))
        .Callback((string reference, CancelVisit body, CancellationToken _) => _sent.Add((reference, body))).ReturnsAsync(answer);

    Task<PushOutcome> PushAsync() => new VisitsSync(_nomis.Object, _mappings.Object, _scheduler.Object).PushAsync(
        new SyncWork
        {
            SyncId = Guid.NewGuid(),
            Change = new SyncChange { Entity = "visit", Key = "9", Mode = SyncMode.Upsert, Action = "VISIT_CANCELLED", Lanes = ["visit/9"] },
            IsMappingRetry = false,
            BeginAsync = (_, _) => Task.FromResult(new StepGrant(IsGranted: true, Ambiguity: null)),
        },
        CancellationToken.None);
}
