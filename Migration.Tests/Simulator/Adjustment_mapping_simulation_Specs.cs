using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;
using Migration.Simulator;

namespace Migration.Tests.Simulator;

internal sealed class Adjustment_mapping_simulation_Specs : EstateFixture
{
    private IAdjustmentMappings Mappings => Client<IAdjustmentMappings>();

    [Test]
    public async Task Should_find_a_mapping_both_ways()
    {
        await Create(AdjustmentCategory.KeyDate, 987, "a", label: "2026-11-24T10:00:00");

        var byNomisId = (await Mappings.FindByNomisId(AdjustmentCategory.KeyDate, 987, default)).Content!;
        var byDpsId = (await Mappings.FindByDpsId("a", default)).Content!;
        var count = (await Mappings.CountByMigration("2026-11-24T10:00:00", default)).Content!;
        var other = await Mappings.FindByNomisId(AdjustmentCategory.Sentence, 987, default);
        Assert.Multiple(() =>
        {
            Assert.That((byNomisId.AdjustmentId, byNomisId.Label, byNomisId.MappingType), Is.EqualTo(("a", "2026-11-24T10:00:00", AdjustmentMappingType.NomisCreated)));
            Assert.That((byDpsId.NomisAdjustmentId, byDpsId.NomisAdjustmentCategory), Is.EqualTo((987L, AdjustmentCategory.KeyDate)));
            Assert.That(count.TotalElements, Is.EqualTo(1));
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    [Test]
    public async Task Should_accept_the_same_pair_again()
    {
        await Create(AdjustmentCategory.Sentence, 987, "a");

        var again = await Create(AdjustmentCategory.Sentence, 987, "a");

        Assert.That((again.IsDone, Estate.ReconcileAdjustments().Mapped), Is.EqualTo((true, 1)));
    }

    [TestCase(AdjustmentCategory.Sentence, 987, "b", TestName = "Should_refuse_the_same_adjustment_with_another_DPS_id")]
    [TestCase(AdjustmentCategory.KeyDate, 987, "a", TestName = "Should_refuse_the_same_DPS_id_with_an_adjustment_of_another_category")]
    public async Task Should_refuse_half_a_pair(AdjustmentCategory category, long nomisId, string dpsId)
    {
        await Create(AdjustmentCategory.Sentence, 987, "a");

        var answer = await Create(category, nomisId, dpsId);

        var duplicate = DuplicateAdjustmentMapping.Read(answer.ErrorBody)!.MoreInfo;
        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.Conflict));
            Assert.That((duplicate.Existing!.NomisAdjustmentCategory, duplicate.Existing.NomisAdjustmentId, duplicate.Existing.AdjustmentId), Is.EqualTo((AdjustmentCategory.Sentence, 987L, "a")));
            Assert.That((duplicate.Duplicate.NomisAdjustmentCategory, duplicate.Duplicate.NomisAdjustmentId, duplicate.Duplicate.AdjustmentId), Is.EqualTo((category, nomisId, dpsId)));
        });
    }

    [Test]
    public async Task Should_look_at_the_DPS_id_first_when_both_are_taken()
    {
        await Create(AdjustmentCategory.Sentence, 1, "a");
        await Create(AdjustmentCategory.Sentence, 2, "b");

        var answer = await Create(AdjustmentCategory.Sentence, 2, "a");

        Assert.That(DuplicateAdjustmentMapping.Read(answer.ErrorBody)!.MoreInfo.Existing!.NomisAdjustmentId, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_always_tell_what_is_in_the_way()
    {
        await Create(AdjustmentCategory.Sentence, 987, "a");
        Server.Faults.Mapping = new UpstreamFaults { BlindConflictRate = 1 };

        var answer = await Create(AdjustmentCategory.Sentence, 987, "b");

        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.Conflict));
            Assert.That(DuplicateAdjustmentMapping.Read(answer.ErrorBody)!.MoreInfo.Existing, Is.Null);
        });
    }

    [Test]
    public async Task Should_forget_a_mapping_and_never_mind_when_there_is_none()
    {
        await Create(AdjustmentCategory.Sentence, 987, "a");

        var statuses = new[] { (await Mappings.Delete("a", default)).StatusCode, (await Mappings.Delete("a", default)).StatusCode };
        var remapped = await Create(AdjustmentCategory.Sentence, 987, "b");

        Assert.Multiple(() =>
        {
            Assert.That(statuses, Is.All.EqualTo(HttpStatusCode.NoContent));
            Assert.That(remapped.IsDone);
        });
    }

    private Task<Answer<NoBody>> Create(AdjustmentCategory category, long nomisId, string dpsId, string? label = null) => Answers.Of(
        Upstreams.Mapping,
        ct => Mappings.Create(
            new AdjustmentMapping { NomisAdjustmentId = nomisId, NomisAdjustmentCategory = category, AdjustmentId = dpsId, Label = label, MappingType = AdjustmentMappingType.NomisCreated }, ct),
        default);
}
