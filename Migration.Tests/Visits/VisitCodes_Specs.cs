using Migration.Clients.VisitScheduler;
using Migration.Sagas.Domains;
using Migration.Sagas.Domains.Visits;

namespace Migration.Tests.Visits;

public class VisitCodes_Specs
{
    [TestCase("ADMIN", OutcomeStatus.AdministrativeCancellation)]
    [TestCase("ADMIN_CANCEL", OutcomeStatus.AdministrativeCancellation)]
    [TestCase("HMP", OutcomeStatus.EstablishmentCancelled)]
    [TestCase("NO_ID", OutcomeStatus.VisitorFailedSecurityChecks)]
    [TestCase("NO_VO", OutcomeStatus.NoVisitingOrder)]
    [TestCase("NSHOW", OutcomeStatus.VisitorDidNotArrive)]
    [TestCase("OFFCANC", OutcomeStatus.PrisonerCancelled)]
    [TestCase("REFUSED", OutcomeStatus.PrisonerRefusedToAttend)]
    [TestCase("VISCANC", OutcomeStatus.VisitorCancelled)]
    [TestCase("VO_CANCEL", OutcomeStatus.VisitOrderCancelled)]
    [TestCase("BATCH_CANC", OutcomeStatus.BatchCancellation)]
    public void Should_translate_an_outcome(string outcome, OutcomeStatus expected) => // V-60
        Assert.That(VisitCodes.Outcome("CANC", outcome), Is.EqualTo(expected));

    [TestCase("CANC", OutcomeStatus.Cancellation)]
    [TestCase("EXP", null)]
    [TestCase("COMP", null)]
    [TestCase("SCH", null)]
    [TestCase("HMPOP", OutcomeStatus.TerminatedByStaff)]
    [TestCase("NORM", OutcomeStatus.CompletedNormally)]
    [TestCase("OFFEND", OutcomeStatus.PrisonerCompletedEarly)]
    [TestCase("VDE", OutcomeStatus.VisitorDeclinedEntry)]
    [TestCase("VISITOR", OutcomeStatus.VisitorCompletedEarly)]
    public void Should_translate_the_status_where_there_is_no_outcome(string status, OutcomeStatus? expected) => // V-44, V-61
        Assert.That(VisitCodes.Outcome(status, outcomeCode: null), Is.EqualTo(expected));

    [TestCase("EXP")] // V-62
    [TestCase("chair")]
    public void Should_let_the_outcome_decide_whatever_the_status(string status) =>
        Assert.That(VisitCodes.Outcome(status, "ADMIN"), Is.EqualTo(OutcomeStatus.AdministrativeCancellation));

    [Test]
    public void Should_refuse_an_unknown_outcome() => // V-64
        Assert.That(() => VisitCodes.Outcome("CANC", "Not a valid outcome"), Throws.TypeOf<UnknownCodeException>().With.Message.EqualTo("unknown visit outcome code Not a valid outcome"));

    [Test]
    public void Should_refuse_an_unknown_status_where_there_is_no_outcome() =>
        Assert.That(() => VisitCodes.Outcome("chair", outcomeCode: null), Throws.TypeOf<UnknownCodeException>());

    [TestCase("CANC", VisitStatus.Cancelled)]
    [TestCase("SCH", VisitStatus.Booked)]
    [TestCase("COMP", VisitStatus.Booked)]
    [TestCase("EXP", VisitStatus.Booked)]
    [TestCase("HMPOP", VisitStatus.Booked)]
    [TestCase("NORM", VisitStatus.Booked)]
    [TestCase("OFFEND", VisitStatus.Booked)]
    [TestCase("VDE", VisitStatus.Booked)]
    [TestCase("VISITOR", VisitStatus.Booked)]
    [TestCase("chair", VisitStatus.Booked)]
    public void Should_book_whatever_is_not_cancelled(string status, VisitStatus expected) => // V-48, V-63
        Assert.That(VisitCodes.Status(status), Is.EqualTo(expected));

    [TestCase("SCON", VisitType.Social)]
    [TestCase("OFFI", VisitType.Official)]
    public void Should_translate_a_type(string type, VisitType expected) => // V-49
        Assert.That(VisitCodes.Type(type), Is.EqualTo(expected));

    [TestCase("scon")]
    [TestCase("")]
    public void Should_refuse_an_unknown_type(string type) => Assert.That(() => VisitCodes.Type(type), Throws.TypeOf<UnknownCodeException>());
}
