using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;

namespace Migration.Tests.Clients;

internal sealed class Transaction_mappings_client_Specs : ClientFixture<ITransactionMappings>
{
    private const string DpsId = "a04f7a8d-61aa-400c-9395-000011112222";

    [TestCase("nomis-transaction-id/2345678", true)]
    [TestCase($"dps-transaction-id/{DpsId}", false)]
    public async Task Should_find_a_mapping_both_ways(string target, bool isByNomisId)
    {
        Upstream.Answers(200, $$"""{"dpsTransactionId":"{{DpsId}}","nomisTransactionId":2345678,"nomisBookingId":null,"mappingType":"DPS_CREATED"}""");

        var answer = await Answers.Of(Upstreams.Mapping, ct => isByNomisId ? Client.FindByNomisId(2345678, ct) : Client.FindByDpsId(DpsId, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo($"/mapping-service/mapping/transactions/{target}"));
            Assert.That((answer.Body!.NomisTransactionId, answer.Body.DpsTransactionId, answer.Body.NomisBookingId), Is.EqualTo((2345678L, DpsId, (long?)null)));
        });
    }

    [TestCase(404, AnswerKind.Refused)]
    [TestCase(500, AnswerKind.Unknown)]
    public async Task Should_tell_no_mapping_from_an_error(int status, AnswerKind expected)
    {
        Upstream.Answers(status, "{}");

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindByNomisId(2345678, ct), default);

        Assert.That((answer.Kind, answer.Status), Is.EqualTo((expected, (HttpStatusCode?)status)));
    }

    [Test]
    public async Task Should_create_a_mapping() // P3
    {
        Upstream.Answers(201);

        var answer = await Answers.Of(
            Upstreams.Mapping,
            ct => Client.Create(
                new TransactionMapping { DpsTransactionId = DpsId, NomisTransactionId = 2345678, NomisBookingId = 1234, OffenderNo = "A3864DZ", MappingType = TransactionMappingType.NomisCreated }, ct),
            default);

        var asked = Upstream.Requests.Single();
        Assert.Multiple(() =>
        {
            Assert.That(answer.IsDone);
            Assert.That((asked.Method, asked.Target), Is.EqualTo(("POST", "/mapping-service/mapping/transactions")));
            Assert.That(asked.Body, Is.EqualTo($$"""{"dpsTransactionId":"{{DpsId}}","nomisTransactionId":2345678,"nomisBookingId":1234,"offenderNo":"A3864DZ","mappingType":"NOMIS_CREATED"}"""));
        });
    }

    [Test]
    public void Should_say_which_mappings_collide()
    {
        var duplicate = DuplicateTransactionMapping.Read($$$"""
            {"status":"409 CONFLICT","errorCode":1409,"moreInfo":{
              "duplicate":{"dpsTransactionId":"{{{DpsId}}}","nomisTransactionId":2345678,"nomisBookingId":1234,"mappingType":"NOMIS_CREATED"},
              "existing":{"dpsTransactionId":"other","nomisTransactionId":2345678,"nomisBookingId":1234,"mappingType":"NOMIS_CREATED"}
             }}
            """)!.MoreInfo;

        Assert.That((duplicate.Existing!.DpsTransactionId, duplicate.Duplicate.DpsTransactionId), Is.EqualTo(("other", DpsId)));
    }

    [Test]
    public void Should_not_guess_what_collides() => Assert.That(DuplicateTransactionMapping.Read("""{"status":"409 CONFLICT"}"""), Is.Null);
}
