using Migration.Clients.NomisPrisoner;
using Migration.Clients.VisitScheduler;
using Migration.Sagas.Domains;
using Migration.Sagas.Domains.Visits;
using static Migration.Tests.Visits.SampleVisit;

namespace Migration.Tests.Visits;

public class VisitTranslation_Specs
{
    static readonly VisitRoom Open = new("VSIP-ROOM-ID", VisitRestriction.Open);
    static readonly VisitRoom Closed = new("VSIP-ROOM-ID", VisitRestriction.Closed);

    [Test]
    public void Should_copy_prison_prisoner_and_times() // V-40
    {
        var sent = Translate(With(x => (x.StartDateTime, x.EndDateTime) = (new DateTime(2020, 1, 1, 10, 0, 0), new DateTime(2020, 1, 2, 12, 0, 0))));

        Assert.Multiple(() =>
        {
            Assert.That(sent.PrisonId, Is.EqualTo("BXI"));
            Assert.That(sent.PrisonerId, Is.EqualTo("A1234AA"));
            Assert.That(sent.StartTimestamp, Is.EqualTo(new DateTime(2020, 1, 1, 10, 0, 0)));
            Assert.That(sent.EndTimestamp, Is.EqualTo(new DateTime(2020, 1, 2, 12, 0, 0)));
        });
    }

    [TestCase("2026-11-25T10:30:56", "2026-11-25T12:30:56", "2026-11-25T09:00:00", "2026-11-25T10:00:00", TestName = "V-37: morning")]
    [TestCase("2026-11-25T11:59:59", "2026-11-25T13:00:00", "2026-11-25T09:00:00", "2026-11-25T10:00:00", TestName = "last second of the morning; the start decides for the end")]
    [TestCase("2026-11-25T12:00:00", "2026-11-25T14:00:00", "2026-11-25T13:45:00", "2026-11-25T14:45:00", TestName = "V-38: afternoon")]
    [TestCase("2026-11-24T00:00:00", "2026-11-24T01:00:00", "2026-11-24T09:00:00", "2026-11-24T10:00:00", TestName = "today is future")]
    [TestCase("2026-11-25T10:00:00", "2026-11-26T10:00:00", "2026-11-25T09:00:00", "2026-11-26T10:00:00", TestName = "start and end keep dates of their own")]
    [TestCase("2028-11-24T15:00:00", "2028-11-24T16:00:00", "2028-11-24T13:45:00", "2028-11-24T14:45:00", TestName = "more than a year ahead moves too")]
    [TestCase("2026-11-23T10:30:56", "2026-11-23T12:30:56", "2026-11-23T10:30:56", "2026-11-23T12:30:56", TestName = "V-39: yesterday stays")]
    public void Should_move_coming_visits_of_Hewell_to_its_sessions(DateTime start, DateTime end, DateTime expectedStart, DateTime expectedEnd)
    {
        var sent = Translate(With(x => (x.PrisonId, x.StartDateTime, x.EndDateTime) = ("HEI", start, end)), Open);

        Assert.That((sent.StartTimestamp, sent.EndTimestamp), Is.EqualTo((expectedStart, expectedEnd)));
    }

    [Test]
    public void Should_leave_coming_visits_of_other_prisons_where_they_are()
    {
        var visit = In(days: 1);

        Assert.That(Translate(visit, Open).StartTimestamp, Is.EqualTo(visit.StartDateTime));
    }

    [TestCase("2026-11-23T23:59:59", false, TestName = "yesterday needs no room")]
    [TestCase("2026-11-24T00:00:00", true, TestName = "today, over already, needs a room (E11)")]
    [TestCase("2026-11-24T23:59:59", true, TestName = "today needs a room")]
    [TestCase("2027-11-24T23:59:59", true, TestName = "a year from today needs a room (E12)")]
    [TestCase("2027-11-25T00:00:00", false, TestName = "a year and a day needs no room (E12)")]
    public void Should_need_a_room_mapping_from_today_for_a_year(DateTime start, bool expected) =>
        Assert.That(VisitTranslation.NeedsRoomMapping(At(start), Today), Is.EqualTo(expected));

    [Test]
    public void Should_end_the_year_of_a_leap_day_on_the_28th() => Assert.Multiple(() =>
    {
        var leapDay = new DateOnly(2028, 2, 29);
        Assert.That(VisitTranslation.NeedsRoomMapping(At(new DateTime(2029, 2, 28)), leapDay));
        Assert.That(VisitTranslation.NeedsRoomMapping(At(new DateTime(2029, 3, 1)), leapDay), Is.False);
    });

    [TestCase(-1, "MDI-VISITS-OFF_VIS", "MDI-VISITS-OFF_VIS", TestName = "V-34, V-47: yesterday, NOMIS room")]
    [TestCase(730, "MDI-VISITS-OFF_VIS", "MDI-VISITS-OFF_VIS", TestName = "V-35: two years ahead, NOMIS room")]
    [TestCase(-1, null, "UNKNOWN", TestName = "V-36: yesterday without a room")]
    [TestCase(730, null, "UNKNOWN", TestName = "two years ahead without a room")]
    [TestCase(0, "MDI-VISITS-OFF_VIS", "VSIP-ROOM-ID", TestName = "V-47: today, DPS room")]
    [TestCase(5, "MDI-VISITS-OFF_VIS", "VSIP-ROOM-ID", TestName = "V-47: in five days, DPS room")]
    public void Should_name_the_room(int days, string? location, string expected)
    {
        var visit = In(days, x => x.AgencyInternalLocation = location is null ? null : new CodeDescription { Code = "X", Description = location });

        Assert.That(Translate(visit, Open).VisitRoom, Is.EqualTo(expected));
    }

    [Test]
    public void Should_restrict_by_the_room_of_visits_ahead_only() => Assert.Multiple(() => // V-45
    {
        Assert.That(Translate(In(-1), Open).VisitRestriction, Is.EqualTo(VisitRestriction.Unknown));
        Assert.That(Translate(In(0), Open).VisitRestriction, Is.EqualTo(VisitRestriction.Open));
        Assert.That(Translate(In(5), Closed).VisitRestriction, Is.EqualTo(VisitRestriction.Closed));
        Assert.That(Translate(In(730), Closed).VisitRestriction, Is.EqualTo(VisitRestriction.Unknown));
    });

    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(5, true)]
    [TestCase(730, true)]
    public void Should_bring_notes_of_visits_ahead_only(int days, bool areBrought) // V-46
    {
        var notes = Translate(In(days), Open).VisitNotes.Select(x => (x.Type, x.Text));

        Assert.That(notes, Is.EqualTo(areBrought
            ? new[] { (VisitNoteType.VisitComment, "This is a comment"), (VisitNoteType.VisitorConcern, "this is concerning") }
            : []));
    }

    [Test]
    public void Should_send_no_note_for_a_text_that_is_not_there()
    {
        var notes = Translate(In(1, x => x.CommentText = null), Open).VisitNotes;

        Assert.That(notes.Select(x => x.Type), Is.EqualTo(new[] { VisitNoteType.VisitorConcern }));
    }

    [TestCase("modify-user", "modify-user")]
    [TestCase(null, "create-user")]
    public void Should_say_who_acted_last(string? modifiedBy, string expected) => // V-41
        Assert.That(Translate(With(x => x.ModifyUserId = modifiedBy)).ActionedBy, Is.EqualTo(expected));

    [Test]
    public void Should_copy_the_times_of_creation_and_change() // V-42
    {
        var sent = Translate(With());

        Assert.That((sent.CreateDateTime, sent.ModifyDateTime), Is.EqualTo((new DateTime(2020, 1, 1, 9, 0, 0), (DateTime?)new DateTime(2020, 1, 2, 14, 0, 0))));
        Assert.That(Translate(With(x => x.WhenUpdated = null)).ModifyDateTime, Is.Null);
    }

    [Test]
    public void Should_contact_the_lead_visitor_on_the_newest_telephone() // V-43
    {
        var sent = Translate(With());

        Assert.Multiple(() =>
        {
            Assert.That(sent.VisitContact!.Name, Is.EqualTo("Vince Hoyland"));
            Assert.That(sent.VisitContact.Telephone, Is.EqualTo("0000 11111"));
            Assert.That(sent.LegacyData!.LeadVisitorId, Is.EqualTo(4729570));
        });
    }

    [Test]
    public void Should_contact_a_lead_visitor_without_a_telephone()
    {
        var contact = Translate(With(x => x.LeadVisitor!.Telephones = [])).VisitContact!;

        Assert.That((contact.Name, contact.Telephone), Is.EqualTo(("Vince Hoyland", (string?)null)));
    }

    [Test]
    public void Should_send_neither_contact_nor_legacy_data_without_a_lead_visitor()
    {
        var sent = Translate(With(x => x.LeadVisitor = null));

        Assert.That((sent.VisitContact, sent.LegacyData), Is.EqualTo(((VisitContact?)null, (LegacyData?)null)));
    }

    [Test]
    public void Should_keep_a_lead_visitor_who_is_not_among_the_visitors() // E26
    {
        var sent = Translate(With(x => x.LeadVisitor!.PersonId = 99));

        Assert.That(sent.LegacyData!.LeadVisitorId, Is.EqualTo(99));
        Assert.That(sent.Visitors.Select(x => x.NomisPersonId), Has.No.Member(99));
    }

    [Test]
    public void Should_name_a_visitor_once_but_keep_contacts_as_they_are()
    {
        var sent = Translate(With(x => x.Visitors = [.. new long[] { 3, 1, 3, 2, 1 }.Select(id => new Visitor { PersonId = id })]));

        Assert.Multiple(() =>
        {
            Assert.That(sent.ContactList.Select(x => x.NomisPersonId), Is.EqualTo(new long[] { 3, 1, 3, 2, 1 }));
            Assert.That(sent.Visitors.Select(x => x.NomisPersonId), Is.EqualTo(new long[] { 3, 1, 2 }));
        });
    }

    [Test]
    public void Should_translate_type_status_and_outcome()
    {
        var sent = Translate(With(x => (x.VisitType, x.VisitStatus, x.VisitOutcome) = (Code("OFFI"), Code("CANC"), Code("OFFCANC"))));

        Assert.That((sent.VisitType, sent.VisitStatus, sent.OutcomeStatus),
            Is.EqualTo((VisitType.Official, VisitStatus.Cancelled, (OutcomeStatus?)OutcomeStatus.PrisonerCancelled)));
    }

    [Test]
    public void Should_refuse_codes_without_a_translation() => Assert.Multiple(() =>
    {
        Assert.That(() => Translate(With(x => x.VisitType = Code("FAMILY"))), Throws.TypeOf<UnknownCodeException>().With.Message.Contains("FAMILY"));
        Assert.That(() => Translate(With(x => x.VisitOutcome = Code("LOCKDOWN"))), Throws.TypeOf<UnknownCodeException>().With.Message.Contains("LOCKDOWN"));
    });

    static MigrateVisit Translate(Visit visit, VisitRoom? room = null) => VisitTranslation.Translate(visit, room, Today);
}
