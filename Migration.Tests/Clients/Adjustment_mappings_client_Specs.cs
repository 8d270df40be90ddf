using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;

namespace Migration.Tests.Clients;

internal sealed class Adjustment_mappings_client_Specs : ClientFixture<IAdjustmentMappings>
{
    private const string DpsId = "05b332ad-58eb-4ec2-963c-c9c927856788";
    private const string Root = "/mapping-service/mapping/sentencing/adjustments";

    [TestCase(AdjustmentCategory.Sentence, "SENTENCE")]
    [TestCase(AdjustmentCategory.KeyDate, "KEY-DATE")]
    public async Task Should_find_a_mapping_by_category_and_id(AdjustmentCategory category, string expected)
    {
        Upstream.Answers(200, $$"""{"nomisAdjustmentId":987,"nomisAdjustmentCategory":"{{expected}}","adjustmentId":"{{DpsId}}","mappingType":"SENTENCING_CREATED","label":null}""");

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindByNomisId(category, 987, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo($"{Root}/nomis-adjustment-category/{expected}/nomis-adjustment-id/987"));
            Assert.That((answer.Body!.AdjustmentId, answer.Body.NomisAdjustmentCategory, answer.Body.MappingType), Is.EqualTo((DpsId, category, AdjustmentMappingType.SentencingCreated)));
        });
    }

    [TestCase(404, AnswerKind.Refused)]
    [TestCase(500, AnswerKind.Unknown)]
    public async Task Should_tell_no_mapping_from_an_error(int status, AnswerKind expected)
    {
        Upstream.Answers(status, "{}");

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindByDpsId(DpsId, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.First().Target, Is.EqualTo($"{Root}/adjustment-id/{DpsId}"));
            Assert.That((answer.Kind, answer.Status), Is.EqualTo((expected, (HttpStatusCode?)status)));
        });
    }

    [Test]
    public async Task Should_create_a_mapping() // C5
    {
        Upstream.Answers(201);

        var answer = await Answers.Of(
            Upstreams.Mapping,
            ct => Client.Create(
                new AdjustmentMapping { NomisAdjustmentId = 1234, NomisAdjustmentCategory = AdjustmentCategory.KeyDate, AdjustmentId = DpsId, MappingType = AdjustmentMappingType.NomisCreated }, ct),
            default);

        var asked = Upstream.Requests.Single();
        Assert.Multiple(() =>
        {
            Assert.That(answer.IsDone);
            Assert.That((asked.Method, asked.Target), Is.EqualTo(("POST", Root)));
            Assert.That(asked.Body, Is.EqualTo($$"""{"nomisAdjustmentId":1234,"nomisAdjustmentCategory":"KEY-DATE","adjustmentId":"{{DpsId}}","mappingType":"NOMIS_CREATED"}"""));
        });
    }

    [Test]
    public async Task Should_say_which_mappings_collide()
    {
        Upstream.Answers(409, $$$"""
            {"moreInfo":{"existing":{"adjustmentId":"10","nomisAdjustmentId":987,"nomisAdjustmentCategory":"SENTENCE","label":"2022-02-14T09:58:45",
                                     "whenCreated":"2022-02-14T09:58:45","mappingType":"MIGRATED"},
                         "duplicate":{"adjustmentId":"{{{DpsId}}}","nomisAdjustmentId":987,"nomisAdjustmentCategory":"SENTENCE","mappingType":"NOMIS_CREATED"}},
             "errorCode":1409}
            """);

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.Create(Mapping, ct), default);

        var duplicate = DuplicateAdjustmentMapping.Read(answer.ErrorBody)!.MoreInfo;
        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.Conflict));
            Assert.That((duplicate.Existing!.AdjustmentId, duplicate.Duplicate.AdjustmentId), Is.EqualTo(("10", DpsId)));
        });
    }

    [TestCase("""{"moreInfo":{"existing":null,"duplicate":DUPLICATE}}""")]
    [TestCase("""{"moreInfo":{"duplicate":DUPLICATE}}""")]
    public void Should_know_a_collision_of_which_only_one_side_is_told(string body)
    {
        const string Duplicate = """{"adjustmentId":"11","nomisAdjustmentId":987,"nomisAdjustmentCategory":"SENTENCE","mappingType":"NOMIS_CREATED"}""";

        var read = DuplicateAdjustmentMapping.Read(body.Replace("DUPLICATE", Duplicate, StringComparison.Ordinal))!.MoreInfo;

        Assert.That((read.Existing, read.Duplicate.AdjustmentId), Is.EqualTo(((AdjustmentMapping?)null, "11")));
    }

    [TestCase(null)]
    [TestCase("no JSON")]
    [TestCase("""{"moreInfo":{}}""")]
    public void Should_not_guess_what_collides(string? body) => Assert.That(DuplicateAdjustmentMapping.Read(body), Is.Null);

    [Test]
    public async Task Should_delete_a_mapping()
    {
        Upstream.Answers(204);

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.Delete(DpsId, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(answer.IsDone);
            Assert.That((Upstream.Requests.Single().Method, Upstream.Requests.Single().Target), Is.EqualTo(("DELETE", $"{Root}/adjustment-id/{DpsId}")));
        });
    }

    [Test]
    public async Task Should_count_what_a_migration_mapped()
    {
        Upstream.Answers(200, """{"content":[],"totalElements":25}""");

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.CountByMigration("2020-01-01T11:10:00", ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Uri.UnescapeDataString(Upstream.Requests.Single().Target), Is.EqualTo($"{Root}/migration-id/2020-01-01T11:10:00?size=1"));
            Assert.That(answer.Body!.TotalElements, Is.EqualTo(25));
        });
    }

    private static AdjustmentMapping Mapping => new()
    {
        NomisAdjustmentId = 987,
        NomisAdjustmentCategory = AdjustmentCategory.Sentence,
        AdjustmentId = DpsId,
        MappingType = AdjustmentMappingType.NomisCreated,
    };
}
