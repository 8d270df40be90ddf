using System.Net;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;

namespace Migration.Tests.Clients;

internal sealed class Nomis_prisoners_client_Specs : ClientFixture<INomisPrisoners>
{
    [Test]
    public async Task Should_list_prisoners()
    {
        Upstream.Answers(200, """{"prisonerIds":[{"offenderNo":"A1234AA"},{"offenderNo":"A1234AB"}],"lastOffenderId":77}""");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetPrisonerNumbers(75, 2, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/prisoners/ids/all-from-id?offenderId=75&pageSize=2"));
            Assert.That(answer.Body!.PrisonerIds.Select(prisoner => prisoner.OffenderNo), Is.EqualTo(new[] { "A1234AA", "A1234AB" }));
            Assert.That(answer.Body.LastOffenderId, Is.EqualTo(77));
        });
    }

    [Test]
    public async Task Should_list_the_bookings_of_a_prisoner()
    {
        Upstream.Answers(200, "[12,34]");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetBookingIds("A1234AA", ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/search/prisoners/A1234AA/bookings"));
            Assert.That(answer.Body, Is.EqualTo(new long[] { 12, 34 }));
        });
    }

    [Test]
    public async Task Should_tell_an_unknown_prisoner()
    {
        Upstream.Answers(404, "{}");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetBookingIds("A1234AA", ct), default);

        Assert.That(answer.IsRefusedWith(HttpStatusCode.NotFound));
    }
}
