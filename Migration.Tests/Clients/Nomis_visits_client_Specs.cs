using System.Net;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;

namespace Migration.Tests.Clients;

internal sealed class Nomis_visits_client_Specs : ClientFixture<INomisVisits>
{
    private const string Page = """
        {"content":[{"visitId":1},{"visitId":2}],
         "pageable":{"sort":{"empty":false,"sorted":true,"unsorted":false},"offset":0,"pageSize":10,"pageNumber":23,"paged":true,"unpaged":false},
         "last":false,"totalPages":4190,"totalElements":41900,"size":10,"number":23,
         "sort":{"empty":false,"sorted":true,"unsorted":false},"first":true,"numberOfElements":10,"empty":false}
        """;

    private const string ScheduledVisit = """
        {"visitId":10309617,"offenderNo":"A7948DY","startDateTime":"2021-10-25T09:00:00","endDateTime":"2021-10-25T11:45:00",
         "prisonId":"MDI","visitors":[{"personId":4729570,"leadVisitor":true},{"personId":4729580,"leadVisitor":false}],
         "visitType":{"code":"SCON","description":"Social Contact"},"visitStatus":{"code":"SCH","description":"Scheduled"},
         "agencyInternalLocation":{"code":"OFF_VIS","description":"MDI-VISITS-OFF_VIS"},
         "commentText":"Not sure if this is the right place to be","createUserId":"aUser","whenCreated":"2021-10-25T09:00:00.123456","somethingNew":{"a":[1]}}
        """;

    [Test]
    public async Task Should_ask_for_a_page_of_ids_with_every_filter() // V-75
    {
        Upstream.Answers(200, Page);

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetVisitIds(
            ["MDI", "BXI"], ["SCON", "OFFI"], new DateTime(2020, 1, 1, 1, 30, 0), new DateTime(2020, 1, 2, 23, 30, 0),
            ignoreMissingRoom: true, page: 23, size: 10, ct), default);

        var asked = Upstream.Requests.Single();
        Assert.Multiple(() =>
        {
            Assert.That(asked.Target, Is.EqualTo(
                "/nomis/visits/ids?prisonIds=MDI&prisonIds=BXI&visitTypes=SCON&visitTypes=OFFI&fromDateTime=2020-01-01T01:30&toDateTime=2020-01-02T23:30&ignoreMissingRoom=true&page=23&size=10"));
            Assert.That(asked.Authorization, Is.EqualTo("Bearer token-1"));
            Assert.That(answer.Body!.Content.Select(id => id.VisitId), Is.EqualTo(new long[] { 1, 2 }));
            Assert.That(answer.Body.TotalPages, Is.EqualTo(4190));
            Assert.That(answer.Body.Number, Is.EqualTo(23));
            Assert.That(answer.Body.TotalElements, Is.EqualTo(41900));
        });
    }

    [Test]
    public async Task Should_ask_for_a_page_of_ids_without_filters() // V-75
    {
        Upstream.Answers(200, Page);

        await Client.GetVisitIds([], null, null, null, ignoreMissingRoom: false, page: 23, size: 10, default);

        Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/visits/ids?ignoreMissingRoom=false&page=23&size=10"));
    }

    [TestCase("2020-01-01T01:30:00", "2020-01-01T01:30")]
    [TestCase("2020-01-01T00:00:00", "2020-01-01T00:00")]
    [TestCase("2020-01-01T01:30:05", "2020-01-01T01:30:05")]
    [TestCase("2020-01-01T01:30:05.25", "2020-01-01T01:30:05.25")]
    [TestCase("2020-01-01T01:30:00.5", "2020-01-01T01:30:00.5")]
    public async Task Should_write_times_in_the_shortest_form(DateTime from, string expected)
    {
        Upstream.Answers(200, Page);

        await Client.GetVisitIds(null, null, from, null, ignoreMissingRoom: false, page: 0, size: 1, default);

        Assert.That(Upstream.Requests.Single().Target, Is.EqualTo($"/nomis/visits/ids?fromDateTime={expected}&ignoreMissingRoom=false&page=0&size=1"));
    }

    [Test]
    public async Task Should_read_a_visit() // V-76
    {
        Upstream.Answers(200, ScheduledVisit);

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetVisit(10309617, ct), default);

        var visit = answer.Body!;
        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/visits/10309617"));
            Assert.That(Upstream.Requests.Single().Authorization, Is.EqualTo("Bearer token-1"));
            Assert.That(visit.VisitId, Is.EqualTo(10309617));
            Assert.That(visit.OffenderNo, Is.EqualTo("A7948DY"));
            Assert.That(visit.StartDateTime, Is.EqualTo(new DateTime(2021, 10, 25, 9, 0, 0)));
            Assert.That(visit.StartDateTime.Kind, Is.EqualTo(DateTimeKind.Unspecified));
            Assert.That(visit.EndDateTime, Is.EqualTo(new DateTime(2021, 10, 25, 11, 45, 0)));
            Assert.That(visit.PrisonId, Is.EqualTo("MDI"));
            Assert.That(visit.Visitors.Select(visitor => visitor.PersonId), Is.EqualTo(new long[] { 4729570, 4729580 }));
            Assert.That(visit.VisitType.Code, Is.EqualTo("SCON"));
            Assert.That(visit.VisitStatus.Code, Is.EqualTo("SCH"));
            Assert.That(visit.AgencyInternalLocation!.Description, Is.EqualTo("MDI-VISITS-OFF_VIS"));
            Assert.That(visit.VisitOutcome, Is.Null);
            Assert.That(visit.LeadVisitor, Is.Null);
            Assert.That(visit.ModifyUserId, Is.Null);
            Assert.That(visit.WhenUpdated, Is.Null);
            Assert.That(visit.CommentText, Is.EqualTo("Not sure if this is the right place to be"));
        });
    }

    [Test]
    public async Task Should_report_a_visit_that_is_not_there() // V-76
    {
        Upstream.Answers(404, """{"status":404,"userMessage":"Not found"}""");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetVisit(1, ct), default);

        Assert.That(answer.IsRefusedWith(HttpStatusCode.NotFound));
    }

    [TestCase("offenderNo")]
    [TestCase("whenCreated")]
    [TestCase("visitType")]
    public async Task Should_not_accept_a_visit_that_lacks_what_is_promised(string property)
    {
        Upstream.Answers(200, ScheduledVisit.Replace($"\"{property}\"", "\"other\"", StringComparison.Ordinal));

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetVisit(1, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Kind, Is.EqualTo(AnswerKind.Unknown));
            Assert.That(answer.Detail, Is.EqualTo("nomis answered 200 with a body that cannot be read"));
        });
    }

    [Test]
    public async Task Should_not_accept_null_for_what_is_promised()
    {
        Upstream.Answers(200, ScheduledVisit.Replace("\"A7948DY\"", "null", StringComparison.Ordinal));

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetVisit(1, ct), default);

        Assert.That(answer.Kind, Is.EqualTo(AnswerKind.Unknown));
    }

    [Test]
    public async Task Should_read_how_rooms_are_used()
    {
        Upstream.Answers(200, """[{"agencyInternalLocationDescription":"AGI-VISITS-OFF_VIS","count":95,"prisonId":"AGI"}]""");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetRoomUsage(["AGI"], ["SCON"], null, null, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/visits/rooms/usage-count?prisonIds=AGI&visitTypes=SCON"));
            Assert.That(answer.Body!.Single().Count, Is.EqualTo(95));
        });
    }
}
