using System.Text.Json;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Domains.SentencingAdjustments;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Tests.SentencingAdjustments;

/// <summary>Which change an event of an adjustment is (spec: sentencing-adjustments 5, 7).</summary>
public sealed class Adjustment_events_Specs
{
    const string Sentence = """{"offenderIdDisplay":"G4803UT","bookingId":"1234","sentenceSeq":"1","adjustmentId":"987","auditModuleName":"OIDSENAD"}""";
    const string KeyDate = """{"offenderIdDisplay":"G4803UT","bookingId":1234,"adjustmentId":987}""";
    const string Resync = "courtsentencing.resync.sentence-adjustments";

    [TestCase("SENTENCE_ADJUSTMENT_UPSERTED", Sentence, "SENTENCE/987", SyncMode.Upsert)]
    [TestCase("SENTENCE_ADJUSTMENT_DELETED", Sentence, "SENTENCE/987", SyncMode.Delete)]
    [TestCase("KEY_DATE_ADJUSTMENT_UPSERTED", KeyDate, "KEY-DATE/987", SyncMode.Upsert)]
    [TestCase("KEY_DATE_ADJUSTMENT_DELETED", KeyDate, "KEY-DATE/987", SyncMode.Delete)]
    public void Should_read_an_event_as_the_change_of_one_adjustment(string type, string body, string key, string mode)
    {
        var change = Read(type, body).Changes.Single();

        Assert.That((change.Entity, change.Key, change.Mode, change.Lanes.Single()), Is.EqualTo(("adjustment", key, mode, "adjustment/" + key)));
        Assert.That((change.Property("offenderNo"), change.Property("bookingId"), change.Property("sentenceSequence")),
            Is.EqualTo(("G4803UT", "1234", key.StartsWith('S') ? "1" : null)));
    }

    [TestCase("SENTENCE_ADJUSTMENT_UPSERTED", "sentence-adjustment-synchronisation-skipped")] // S1, S12
    [TestCase("KEY_DATE_ADJUSTMENT_UPSERTED", "key-date-adjustment-synchronisation-skipped")] // K1, K8
    public void Should_skip_what_dps_wrote_itself(string type, string told)
    {
        var reading = Read(type, Sentence.Replace("OIDSENAD", "DPS_SYNCHRONISATION_X", StringComparison.Ordinal));

        Assert.That((reading.Changes.Count, reading.Events.Single().Name), Is.EqualTo((0, told)));
    }

    [Test]
    public void Should_not_skip_a_removal_whoever_changed_the_row_before() => // S20, S21
        Assert.That(Read("SENTENCE_ADJUSTMENT_DELETED", Sentence.Replace("OIDSENAD", "DPS_SYNCHRONISATION", StringComparison.Ordinal)).Changes, Has.Count.EqualTo(1));

    [Test]
    public void Should_read_a_new_booking_number_as_a_change_of_the_booking()
    {
        var change = Read("BOOKING_NUMBER-CHANGED", """{"bookingId":"1234","type":"MERGE"}""").Changes.Single();

        Assert.That((change.Entity, change.Key, change.Lanes.Single()), Is.EqualTo(("booking", "1234", "booking/1234")));
    }

    [Test]
    public void Should_take_up_a_mapping_that_the_reference_left_to_be_written()
    {
        var change = Read(SyncAction.RetryMapping,
            """{"body":{"nomisAdjustmentId":987,"nomisAdjustmentCategory":"KEY-DATE","adjustmentId":"05b332ad-58eb-4ec2-963c-c9c927856788"},"telemetryAttributes":{"offenderNo":"G4803UT","bookingId":"1234"}}""",
            isInternal: true).Changes.Single();

        Assert.That((change.Key, change.Property(SyncAction.TargetId), change.Property("offenderNo")), Is.EqualTo(("KEY-DATE/987", "05b332ad-58eb-4ec2-963c-c9c927856788", "G4803UT")));
    }

    [TestCase("1234", "1", "[987,988]")]
    [TestCase("\"1234\"", "\"1\"", "[\"987\",988]")] // numbers as texts (5.4)
    public void Should_resynchronise_each_adjustment_that_court_sentencing_names(string booking, string sequence, string ids) // R1
    {
        var changes = Read(Resync, Resynchronise(booking, sequence, ids), isInternal: true).Changes;

        Assert.That(changes.Select(x => (x.Key, x.Property("bookingId"), x.Property("sentenceSequence"))), Is.EqualTo(new[] { ("SENTENCE/987", "1234", "1"), ("SENTENCE/988", "1234", "1") }));
    }

    [TestCase("[\"a\"]"), TestCase("[1.5]"), TestCase("[true]"), TestCase("[null]"), TestCase("[{}]")]
    public void Should_say_that_an_adjustment_to_resynchronise_has_no_number(string ids) =>
        Assert.That(() => Read(Resync, Resynchronise("1234", "1", ids), isInternal: true), Throws.InstanceOf<MalformedEventException>().With.Message.EqualTo("an adjustment id is not a whole number"));

    [Test]
    public void Should_keep_what_belongs_to_court_sentencing() => Assert.That(Read("OFFENDER_SENTENCES-INSERTED", "{}").IsParked, Is.True);

    [TestCase("""{"bookingId":1,"sentenceSeq":1,"adjustmentId":1}""", "offenderIdDisplay is missing")]
    [TestCase("""{"offenderIdDisplay":"G4803UT","bookingId":1,"sentenceSeq":1}""", "adjustmentId is missing")]
    [TestCase("""{"offenderIdDisplay":"G4803UT","bookingId":"a","sentenceSeq":1,"adjustmentId":1}""", "bookingId is not a whole number")]
    public void Should_say_what_is_wrong_with_an_event(string body, string reason) =>
        Assert.That(() => Read("SENTENCE_ADJUSTMENT_UPSERTED", body), Throws.InstanceOf<MalformedEventException>().With.Message.EqualTo(reason));

    static string Resynchronise(string booking, string sequence, string ids) =>
        $$"""{"offenderNo":"G4803UT","sentences":[{"sentenceId":{"offenderBookingId":{{booking}},"sentenceSequence":{{sequence}}},"adjustmentIds":{{ids}}}]}""";

    static EventReading Read(string type, string body, bool isInternal = false)
    {
        using var document = JsonDocument.Parse(body);
        return AdjustmentEvents.Read(new IncomingEvent(type, document.RootElement.Clone(), isInternal, Guid.NewGuid()));
    }
}
