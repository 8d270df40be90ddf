using System.Net;
using System.Text.Json.Nodes;
using Migration.Clients;
using Migration.Clients.VisitScheduler;

namespace Migration.Tests.Clients;

internal sealed class Visit_scheduler_client_Specs : ClientFixture<IVisitScheduler>
{
    private static readonly MigrateVisit Visit = new()
    {
        PrisonId = "BXI",
        PrisonerId = "A1234AA",
        StartTimestamp = new DateTime(2020, 1, 1, 9, 0, 0),
        EndTimestamp = new DateTime(2020, 1, 1, 11, 45, 0),
        VisitType = VisitType.Social,
        VisitStatus = VisitStatus.Booked,
        VisitRoom = "SOCIAL_CENTRE_1",
        ContactList = [new VisitPerson { NomisPersonId = 5668 }, new VisitPerson { NomisPersonId = 5678 }],
        LegacyData = new LegacyData { LeadVisitorId = 123 },
        Visitors = [],
        VisitNotes = [],
        VisitRestriction = VisitRestriction.Open,
        VisitContact = new VisitContact { Name = "James Flack" },
        ActionedBy = "user1",
        CreateDateTime = new DateTime(2020, 1, 1, 8, 0, 0).AddTicks(1234567),
        ModifyDateTime = new DateTime(2020, 1, 1, 14, 0, 0),
    };

    [Test]
    public async Task Should_create_a_visit() // V-74
    {
        // The content type claims JSON; the body is the bare text.
        Upstream.Answers(201, "v9-d7-ed-7u");

        var answer = await Answers.Of(Upstreams.Visits, ct => Client.MigrateVisit(Visit, ct), default);

        var asked = Upstream.Requests.Single();
        var expected = JsonNode.Parse("""
            {"prisonId":"BXI","prisonerId":"A1234AA","startTimestamp":"2020-01-01T09:00:00","endTimestamp":"2020-01-01T11:45:00",
             "visitType":"SOCIAL","visitStatus":"BOOKED","visitRoom":"SOCIAL_CENTRE_1",
             "contactList":[{"nomisPersonId":5668},{"nomisPersonId":5678}],"legacyData":{"leadVisitorId":123},
             "visitors":[],"visitNotes":[],"visitRestriction":"OPEN","visitContact":{"name":"James Flack"},
             "actionedBy":"user1","createDateTime":"2020-01-01T08:00:00","modifyDateTime":"2020-01-01T14:00:00"}
            """);
        Assert.Multiple(() =>
        {
            Assert.That(asked.Method, Is.EqualTo("POST"));
            Assert.That(asked.Target, Is.EqualTo("/visits-api/migrate-visits"));
            Assert.That(asked.Authorization, Is.EqualTo("Bearer token-1"));
            Assert.That(JsonNode.DeepEquals(JsonNode.Parse(asked.Body), expected), asked.Body);
            Assert.That((answer.Kind, answer.Body), Is.EqualTo((AnswerKind.Done, "v9-d7-ed-7u")));
        });
    }

    [Test]
    public async Task Should_report_a_refusal() // V-74
    {
        Upstream.Answers(422, """{"status":422}""");

        var answer = await Answers.Of(Upstreams.Visits, ct => Client.MigrateVisit(Visit, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.UnprocessableEntity));
            Assert.That(answer.ErrorBody, Is.EqualTo("""{"status":422}"""));
        });
    }

    [Test]
    public async Task Should_cancel_a_visit()
    {
        Upstream.Answers(200, """{"reference":"v9-d7-ed-7u"}""");

        var answer = await Answers.Of(
            Upstreams.Visits,
            ct => Client.CancelVisit(
                "v9-d7-ed-7u",
                new CancelVisit { ActionedBy = "user1", CancelOutcome = new CancelOutcome { OutcomeStatus = OutcomeStatus.PrisonerCancelled, Text = "Cancelled by NOMIS" } },
                ct),
            default);

        var asked = Upstream.Requests.Single();
        Assert.Multiple(() =>
        {
            Assert.That(answer.IsDone);
            Assert.That((asked.Method, asked.Target), Is.EqualTo(("PUT", "/visits-api/migrate-visits/v9-d7-ed-7u/cancel")));
            Assert.That(asked.Body, Is.EqualTo("""{"actionedBy":"user1","cancelOutcome":{"outcomeStatus":"PRISONER_CANCELLED","text":"Cancelled by NOMIS"}}"""));
        });
    }

    [TestCase("VISITOR_DID_NOT_ARRIVE", OutcomeStatus.VisitorDidNotArrive)]
    [TestCase("VISIT_ORDER_CANCELLED", OutcomeStatus.VisitOrderCancelled)]
    public async Task Should_write_outcomes_by_their_names_on_the_wire(string expected, OutcomeStatus outcome)
    {
        Upstream.Answers(201, "654321");

        await Client.MigrateVisit(
            new MigrateVisit
            {
                PrisonId = "BXI",
                PrisonerId = "A1234AA",
                StartTimestamp = default,
                EndTimestamp = default,
                VisitType = VisitType.Official,
                VisitStatus = VisitStatus.Cancelled,
                VisitRoom = "ROOM",
                ContactList = [],
                Visitors = [],
                VisitNotes = [new VisitNote { Type = VisitNoteType.VisitorConcern, Text = "this is concerning" }],
                VisitRestriction = VisitRestriction.Unknown,
                ActionedBy = "user1",
                CreateDateTime = default,
                OutcomeStatus = outcome,
            },
            default);

        var body = JsonNode.Parse(Upstream.Requests.Single().Body)!;
        Assert.Multiple(() =>
        {
            Assert.That((string?)body["outcomeStatus"], Is.EqualTo(expected));
            Assert.That((string?)body["visitNotes"]![0]!["type"], Is.EqualTo("VISITOR_CONCERN"));
            Assert.That(body.AsObject().ContainsKey("legacyData"), Is.False);
            Assert.That(body.AsObject().ContainsKey("modifyDateTime"), Is.False);
        });
    }
}
