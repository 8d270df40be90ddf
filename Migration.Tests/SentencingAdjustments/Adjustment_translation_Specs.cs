using Migration.Clients.NomisMapping;
using Migration.Clients.SentencingAdjustments;
using Migration.Sagas.Domains;
using Migration.Sagas.Domains.SentencingAdjustments;

namespace Migration.Tests.SentencingAdjustments;

/// <summary>From a NOMIS adjustment to a DPS one (spec: sentencing-adjustments 3.1).</summary>
public sealed class Adjustment_translation_Specs
{
    static readonly NomisAdjustment Sample = new(new AdjustmentKey(AdjustmentCategory.Sentence, 987), 1234, 1, HasBeenReleased: false, "WWI", "G4803UT", 1, "RST",
        new DateOnly(2021, 10, 6), new DateOnly(2021, 10, 7), 8, "a comment", IsActive: true, IsHidden: false);

    [Test]
    public void Should_carry_every_field() => Assert.That(AdjustmentTranslation.Translate(Sample), Is.EqualTo(new LegacyAdjustment
    {
        BookingId = 1234,
        SentenceSequence = 1,
        OffenderNo = "G4803UT",
        AdjustmentType = AdjustmentType.RecallSentenceTaggedBail,
        AdjustmentDate = new DateOnly(2021, 10, 6),
        AdjustmentFromDate = new DateOnly(2021, 10, 7),
        AdjustmentDays = 8,
        Comment = "a comment",
        Active = true,
        BookingReleased = false,
        AgencyId = "WWI",
        CurrentTerm = true,
    }).UsingPropertiesComparer());

    [Test]
    public void Should_leave_the_sentence_out_of_a_key_date() =>
        Assert.That(AdjustmentTranslation.Translate(Sample with { Key = new(AdjustmentCategory.KeyDate, 987), SentenceSequence = null }).SentenceSequence, Is.Null);

    [Test]
    public void Should_count_only_the_newest_booking_as_the_current_term() => // K3
        Assert.That(AdjustmentTranslation.Translate(Sample with { BookingSequence = 2 }).CurrentTerm, Is.False);

    [TestCase("ADA"), TestCase("RADA"), TestCase("UAL"), TestCase("LAL"), TestCase("SREM"), TestCase("RSR"), TestCase("RST"), TestCase("RX"), TestCase("S240A"), TestCase("UR"),
     TestCase("TCA"), TestCase("TSA")]
    public void Should_name_a_type_as_nomis_does(string code) => Assert.That(WireName.Of(AdjustmentTranslation.Translate(Sample with { TypeCode = code }).AdjustmentType), Is.EqualTo(code));

    [Test]
    public void Should_refuse_a_type_that_dps_does_not_know() => // H9
        Assert.That(() => AdjustmentTranslation.Translate(Sample with { TypeCode = "PC" }), Throws.InstanceOf<UntranslatableException>().With.Message.EqualTo("unknown adjustment type code PC"));

    [Test]
    public void Should_refuse_a_number_that_dps_cannot_hold() =>
        Assert.That(() => AdjustmentTranslation.Translate(Sample with { Days = 1L << 40 }), Throws.InstanceOf<UntranslatableException>());
}
