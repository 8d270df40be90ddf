using Migration.Clients.NomisPrisoner;

namespace Migration.Tests.Visits;

/// <summary>The visit of the acceptance list: social, scheduled, in Brixton, with one lead visitor.</summary>
static class SampleVisit
{
    public static readonly DateOnly Today = new(2026, 11, 24);
    public static readonly DateTime Now = Today.ToDateTime(new TimeOnly(10, 30, 56));

    public static Visit With(Action<Visit>? change = null)
    {
        var visit = new Visit
        {
            VisitId = 123456,
            OffenderNo = "A1234AA",
            PrisonId = "BXI",
            StartDateTime = Now.AddDays(-1),
            EndDateTime = Now.AddDays(-1).AddHours(2),
            VisitType = Code("SCON"),
            VisitStatus = Code("SCH"),
            AgencyInternalLocation = new CodeDescription { Code = "OFF_VIS", Description = "MDI-VISITS-OFF_VIS" },
            Visitors = [new Visitor { PersonId = 4729570, LeadVisitor = true }, new Visitor { PersonId = 4729580 }],
            LeadVisitor = new LeadVisitor { PersonId = 4729570, FullName = "Vince Hoyland", Telephones = ["0000 11111", "0000 22222"] },
            CommentText = "This is a comment",
            VisitorConcernText = "this is concerning",
            CreateUserId = "create-user",
            ModifyUserId = "modify-user",
            WhenCreated = new DateTime(2020, 1, 1, 9, 0, 0),
            WhenUpdated = new DateTime(2020, 1, 2, 14, 0, 0),
        };
        change?.Invoke(visit);
        return visit;
    }

    /// <summary>The same visit, so many days from today.</summary>
    public static Visit In(int days, Action<Visit>? change = null) => At(Now.AddDays(days), change);

    public static Visit At(DateTime start, Action<Visit>? change = null)
    {
        var visit = With(x => (x.StartDateTime, x.EndDateTime) = (start, start.AddHours(2)));
        change?.Invoke(visit);
        return visit;
    }

    public static CodeDescription Code(string code) => new() { Code = code, Description = code };
}
