using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;

namespace Migration.Tests.Clients;

internal sealed class Visit_mappings_client_Specs : ClientFixture<IVisitMappings>
{
    private static readonly VisitMapping Mapping = new() { NomisId = 1234, VsipId = "5678", Label = "2020-01-01T00:00:00", MappingType = VisitMappingType.Migrated };

    [Test]
    public async Task Should_find_a_mapping() // V-70
    {
        Upstream.Answers(200, """{"nomisId":1234,"vsipId":"5678","label":"2020-01-01T00:00:00","mappingType":"MIGRATED"}""");

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindByNomisId(1234, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/mapping-service/mapping/visits/nomisId/1234"));
            Assert.That(answer.Body!.NomisId, Is.EqualTo(1234));
            Assert.That(answer.Body.VsipId, Is.EqualTo("5678"));
            Assert.That(answer.Body.Label, Is.EqualTo("2020-01-01T00:00:00"));
            Assert.That(answer.Body.MappingType, Is.EqualTo(VisitMappingType.Migrated));
        });
    }

    [TestCase(404, AnswerKind.Refused)]
    [TestCase(500, AnswerKind.Unknown)]
    public async Task Should_tell_no_mapping_from_an_error(int status, AnswerKind expected) // V-70
    {
        Upstream.Answers(status, "{}");

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindByNomisId(1234, ct), default);

        Assert.That((answer.Kind, answer.Status), Is.EqualTo((expected, (HttpStatusCode?)status)));
    }

    [Test]
    public async Task Should_create_a_mapping() // V-71
    {
        Upstream.Answers(201);

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.Create(Mapping, ct), default);

        var asked = Upstream.Requests.Single();
        Assert.Multiple(() =>
        {
            Assert.That(answer.IsDone);
            Assert.That(asked.Method, Is.EqualTo("POST"));
            Assert.That(asked.Target, Is.EqualTo("/mapping-service/mapping/visits"));
            Assert.That(asked.Body, Is.EqualTo("""{"nomisId":1234,"vsipId":"5678","label":"2020-01-01T00:00:00","mappingType":"MIGRATED"}"""));
        });
    }

    [TestCase("\"10\"")]
    [TestCase("10")]
    public async Task Should_say_which_mappings_collide(string existing)
    {
        Upstream.Answers(409, """
            {"moreInfo":{"existing":{"nomisId":123,"vsipId":EXISTING,"label":"2022-02-14T09:58:45","whenCreated":"2022-02-14T09:58:45","mappingType":"MIGRATED"},
                         "duplicate":{"nomisId":123,"vsipId":"11","mappingType":"ONLINE"}}}
            """.Replace("EXISTING", existing, StringComparison.Ordinal));

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.Create(Mapping, ct), default);

        var duplicate = DuplicateVisitMapping.Read(answer.ErrorBody);
        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.Conflict));
            Assert.That(duplicate!.MoreInfo.Existing.VsipId, Is.EqualTo("10"));
            Assert.That(duplicate.MoreInfo.Duplicate.VsipId, Is.EqualTo("11"));
            Assert.That(duplicate.MoreInfo.Duplicate.MappingType, Is.EqualTo(VisitMappingType.Online));
        });
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("no JSON")]
    [TestCase("""{"moreInfo":{"duplicate":{"nomisId":1,"vsipId":"1","mappingType":"MIGRATED"}}}""")]
    public void Should_not_guess_what_collides(string? body) => Assert.That(DuplicateVisitMapping.Read(body), Is.Null);

    [Test]
    public async Task Should_find_a_room() // V-72
    {
        Upstream.Answers(200, """{"vsipId":"1234","isOpen":true}""");

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindRoom("AKI", "AKI-VISITS-3RD SECTOR", ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/mapping-service/prison/AKI/room/nomis-room-id/AKI-VISITS-3RD%20SECTOR"));
            Assert.That(answer.Body!.VsipId, Is.EqualTo("1234"));
            Assert.That(answer.Body.IsOpen);
        });
    }

    [TestCase(404, AnswerKind.Refused)]
    [TestCase(500, AnswerKind.Unknown)]
    public async Task Should_tell_no_room_from_an_error(int status, AnswerKind expected) // V-72
    {
        Upstream.Answers(status);

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.FindRoom("HEI", "HEI/VISITS", ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Kind, Is.EqualTo(expected));
            Assert.That(Upstream.Requests.First().Target, Is.EqualTo("/mapping-service/prison/HEI/room/nomis-room-id/HEI%2FVISITS"));
        });
    }

    [Test]
    public async Task Should_count_what_a_migration_mapped() // V-73
    {
        Upstream.Answers(200, """{"content":[{"nomisId":1,"vsipId":"1","whenCreated":"2022-02-14T09:58:45","mappingType":"MIGRATED"}],"totalElements":56766}""");

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.CountByMigration("2020-01-01T11:10:00", ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Uri.UnescapeDataString(Upstream.Requests.Single().Target), Is.EqualTo("/mapping-service/mapping/visits/migration-id/2020-01-01T11:10:00?size=1"));
            Assert.That(Upstream.Requests.Single().Authorization, Is.EqualTo("Bearer token-1"));
            Assert.That(answer.Body!.TotalElements, Is.EqualTo(56766));
        });
    }

    [TestCase(404, AnswerKind.Refused)]
    [TestCase(500, AnswerKind.Unknown)]
    public async Task Should_tell_nothing_mapped_from_an_error(int status, AnswerKind expected) // V-73
    {
        Upstream.Answers(status);

        var answer = await Answers.Of(Upstreams.Mapping, ct => Client.CountByMigration("2020-01-01T11:10:00", ct), default);

        Assert.That(answer.Kind, Is.EqualTo(expected));
    }
}
