using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Migration.Simulator;

namespace Migration.Tests.Service;

/// <summary>The report of rooms (spec: visits 5.2 and 9).</summary>
sealed class Room_usage_Specs : ServiceFixture
{
    const string Rows =
        """
        [{"agencyInternalLocationDescription":"BXI-VISITS-SOC_VIS","count":14314,"prisonId":"BXI"},
         {"agencyInternalLocationDescription":"AKI-VISITS-3RD SECTOR","count":390,"prisonId":"AKI"},
         {"agencyInternalLocationDescription":"AGI-VISITS-SOC_VIS","count":2,"prisonId":"AGI"},
         {"agencyInternalLocationDescription":"AGI-VISITS-OFF_VIS","count":95,"prisonId":"AGI"}]
        """;

    [Test]
    public async Task Should_list_rooms_by_prison_and_name_with_their_mapping() // V-80
    {
        using var usage = Answer(Operations.GetRoomUsage, Rows);
        using var rooms = Estate.OnRequest(x => x.Operation == Operations.FindRoomMapping, async (http, _) =>
        {
            var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            if (target is "/mapping/prison/AGI/room/nomis-room-id/AGI-VISITS-OFF_VIS" or "/mapping/prison/AKI/room/nomis-room-id/AKI-VISITS-3RD%20SECTOR")
                await Results.Text("""{"vsipId":"1234","isOpen":true}""", "application/json").ExecuteAsync(http);
            else
                http.Response.StatusCode = 404;
        });

        using var response = await Host.Operator.GetAsync("/migrate/visits/rooms/usage");

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(string.Concat(
            """[{"agencyInternalLocationDescription":"AGI-VISITS-OFF_VIS","count":95,"prisonId":"AGI","vsipRoom":"1234"},""",
            """{"agencyInternalLocationDescription":"AGI-VISITS-SOC_VIS","count":2,"prisonId":"AGI"},""",
            """{"agencyInternalLocationDescription":"AKI-VISITS-3RD SECTOR","count":390,"prisonId":"AKI","vsipRoom":"1234"},""",
            """{"agencyInternalLocationDescription":"BXI-VISITS-SOC_VIS","count":14314,"prisonId":"BXI"}]""")));
    }

    [TestCase("", "")]
    [TestCase("?prisonIds=MDI&prisonIds=BXI&visitTypes=SCON", "?prisonIds=MDI&prisonIds=BXI&visitTypes=SCON")]
    [TestCase("?prisonIds=MDI,BXI", "?prisonIds=MDI&prisonIds=BXI")]
    [TestCase("?fromDateTime=2020-01-01T09:00:00&toDateTime=2020-01-02T09:30:15", "?fromDateTime=2020-01-01T09:00&toDateTime=2020-01-02T09:30:15")]
    public async Task Should_ask_NOMIS_with_the_callers_filter(string query, string expected)
    {
        var target = "";
        using var usage = Estate.OnRequest(x => x.Operation == Operations.GetRoomUsage, async (http, _) =>
        {
            target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            await Results.Text("[]", "application/json").ExecuteAsync(http);
        });

        using var response = await Host.Operator.GetAsync($"/migrate/visits/rooms/usage{query}");

        Assert.That((await response.Content.ReadAsStringAsync(), target), Is.EqualTo(("[]", $"/nomis/visits/rooms/usage-count{expected}")));
    }

    [Test]
    public async Task Should_refuse_a_malformed_date() // V-81
    {
        using var response = await Host.Operator.GetAsync("/migrate/visits/rooms/usage?fromDateTime=202-10-01T09:00:00");

        Assert.That((response.StatusCode, Estate.RequestsOf(Operations.GetRoomUsage)), Is.EqualTo((HttpStatusCode.BadRequest, 0)));
    }

    [TestCase(Operations.GetRoomUsage, "Unexpected error: nomis answered 500")]
    [TestCase(Operations.FindRoomMapping, "Unexpected error: mapping answered 500")]
    public async Task Should_fail_when_an_upstream_fails(string operation, string message)
    {
        using var usage = Answer(Operations.GetRoomUsage, """[{"agencyInternalLocationDescription":"WWI-VISITS-NEW","count":1,"prisonId":"WWI"}]""");
        using var failing = Estate.OnRequest(x => x.Operation == operation, (http, _) => Task.FromResult(http.Response.StatusCode = 500));

        using var response = await Host.Operator.GetAsync("/migrate/visits/rooms/usage");

        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.That((response.StatusCode, (int)error["status"]!, (string?)error["userMessage"]), Is.EqualTo((HttpStatusCode.InternalServerError, 500, message)));
    }

    [Test]
    public async Task Should_report_on_a_whole_estate()
    {
        using var response = await Host.Operator.GetAsync("/migrate/visits/rooms/usage");

        var rows = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsArray();
        Assert.That(rows, Is.Not.Empty);
        Assert.That(rows.Select(x => (string?)x!["vsipRoom"]), Is.All.Not.Null); // a clean estate has every room mapped
        Assert.That(Estate.Invalid().First, Is.Empty);
    }

    IDisposable Answer(string operation, string body) => Estate.OnRequest(x => x.Operation == operation, (http, _) => Results.Text(body, "application/json").ExecuteAsync(http));
}
