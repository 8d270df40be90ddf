using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;

namespace Migration.Tests.Simulator;

internal sealed class Transaction_mapping_simulation_Specs : EstateFixture
{
    private ITransactionMappings Mappings => Client<ITransactionMappings>();

    [Test]
    public async Task Should_find_a_mapping_both_ways()
    {
        await Create(1, "a");

        var byNomisId = (await Mappings.FindByNomisId(1, default)).Content!;
        var byDpsId = (await Mappings.FindByDpsId("a", default)).Content!;
        var none = await Mappings.FindByNomisId(2, default);
        Assert.Multiple(() =>
        {
            Assert.That((byNomisId.DpsTransactionId, byNomisId.OffenderNo, byNomisId.NomisBookingId), Is.EqualTo(("a", "A1234AA", (long?)0)));
            Assert.That(byDpsId.NomisTransactionId, Is.EqualTo(1));
            Assert.That(none.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    [Test]
    public async Task Should_accept_the_same_pair_again()
    {
        await Create(1, "a");

        Assert.That((await Create(1, "a")).IsDone);
    }

    [TestCase(1, "b", TestName = "Should_refuse_the_same_transaction_with_another_DPS_id")]
    [TestCase(2, "a", TestName = "Should_refuse_the_same_DPS_id_with_another_transaction")]
    public async Task Should_refuse_half_a_pair(long nomisId, string dpsId)
    {
        await Create(1, "a");

        var answer = await Create(nomisId, dpsId);

        var duplicate = DuplicateTransactionMapping.Read(answer.ErrorBody)!.MoreInfo;
        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.Conflict));
            Assert.That((duplicate.Existing!.NomisTransactionId, duplicate.Existing.DpsTransactionId), Is.EqualTo((1L, "a")));
            Assert.That((duplicate.Duplicate.NomisTransactionId, duplicate.Duplicate.DpsTransactionId), Is.EqualTo((nomisId, dpsId)));
        });
    }

    private Task<Answer<NoBody>> Create(long nomisId, string dpsId) => Answers.Of(
        Upstreams.Mapping,
        ct => Mappings.Create(
            new TransactionMapping { NomisTransactionId = nomisId, DpsTransactionId = dpsId, NomisBookingId = 0, OffenderNo = "A1234AA", MappingType = TransactionMappingType.NomisCreated }, ct),
        default);
}
