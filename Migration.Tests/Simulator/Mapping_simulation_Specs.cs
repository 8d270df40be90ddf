using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;

namespace Migration.Tests.Simulator;

internal sealed class Mapping_simulation_Specs : EstateFixture
{
    private IVisitMappings Mappings => Client<IVisitMappings>();

    [Test]
    public async Task Should_keep_a_mapping()
    {
        await Create(1, "A", "2026-11-24T10:00:00");

        var found = (await Mappings.FindByNomisId(1, default)).Content!;
        var count = (await Mappings.CountByMigration("2026-11-24T10:00:00", default)).Content!;
        var other = (await Mappings.CountByMigration("2026-11-24T10:00:01", default)).Content!;
        Assert.Multiple(() =>
        {
            Assert.That((found.NomisId, found.VsipId, found.Label, found.MappingType), Is.EqualTo((1L, "A", "2026-11-24T10:00:00", VisitMappingType.Migrated)));
            Assert.That(count.TotalElements, Is.EqualTo(1));
            Assert.That(other.TotalElements, Is.Zero);
        });
    }

    [Test]
    public async Task Should_accept_the_same_pair_again()
    {
        await Create(1, "v9-d7-ed-7u");

        var again = await Create(1, "v9-d7-ed-7u");

        Assert.Multiple(() =>
        {
            Assert.That(again.IsDone);
            Assert.That(Estate.Reconcile().Mapped, Is.EqualTo(1));
        });
    }

    [TestCase(1, "B", TestName = "Should_refuse_the_same_NOMIS_id_with_another_VSIP_id")]
    [TestCase(2, "A", TestName = "Should_refuse_the_same_VSIP_id_with_another_NOMIS_id")]
    public async Task Should_refuse_half_a_pair(long nomisId, string vsipId)
    {
        await Create(1, "A");

        var answer = await Create(nomisId, vsipId);

        var duplicate = DuplicateVisitMapping.Read(answer.ErrorBody)!.MoreInfo;
        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.Conflict));
            Assert.That((duplicate.Existing.NomisId, duplicate.Existing.VsipId), Is.EqualTo((1L, "A")));
            Assert.That((duplicate.Duplicate.NomisId, duplicate.Duplicate.VsipId), Is.EqualTo((nomisId, vsipId)));
        });
    }

    [TestCase("MDI", "MDI-VISITS-SOC_VIS", "Visits Main Hall", true)]
    [TestCase("AKI", "AKI-VISITS-CLO_VIS", "Closed Visits", false)]
    [TestCase("AKI", "AKI-VISITS-3RD SECTOR", "Third Sector Room", true)]
    public async Task Should_know_rooms(string prison, string description, string vsipId, bool isOpen)
    {
        var room = (await Mappings.FindRoom(prison, description, default)).Content!;

        Assert.That((room.VsipId, room.IsOpen), Is.EqualTo((vsipId, isOpen)));
    }

    [TestCase("LEI", "LEI-VISITS-3RD SECTOR")]
    [TestCase("HEI", "MDI-VISITS-SOC_VIS")]
    [TestCase("HEI", "A/B 100% %2F")]
    public async Task Should_not_know_every_room(string prison, string description) =>
        Assert.That((await Mappings.FindRoom(prison, description, default)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

    [Test]
    public async Task Should_refuse_what_the_document_does_not_allow()
    {
        var answer = await Create(1, new string('x', 41));

        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.BadRequest));
            Assert.That(Estate.Invalid().First.Single(), Is.EqualTo("mapping create-visit-mapping: vsipId is longer than 40"));
        });
    }

    private Task<Answer<NoBody>> Create(long nomisId, string vsipId, string? label = null) => Answers.Of(
        Upstreams.Mapping,
        ct => Mappings.Create(new VisitMapping { NomisId = nomisId, VsipId = vsipId, Label = label, MappingType = VisitMappingType.Migrated }, ct), default);
}
