using System.Text.Json;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Domains.FinanceTransactions;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Tests.FinanceTransactions;

/// <summary>Which change an event of a transaction is (spec: finance-transactions 2.2, 6).</summary>
public sealed class Transaction_events_Specs
{
    const string Row = """{"transactionId":"2345678","entrySequence":1,"caseload":"SWI","offenderIdDisplay":"A3864DZ","bookingId":"1234","auditModuleName":"OTIDTACC"}""";

    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    [TestCase("OFFENDER_TRANSACTIONS-INSERTED", "created")]
    [TestCase("OFFENDER_TRANSACTIONS-UPDATED", "updated")]
    [TestCase("GL_TRANSACTIONS-INSERTED", "created")]
    [TestCase("GL_TRANSACTIONS-UPDATED", "updated")]
    public void Should_wait_for_the_other_rows_of_the_transaction(string type, string label)
    {
        var change = Read(type, Row).Changes.Single();

        Assert.That((change.Key, change.Mode, change.Grace, change.Lanes.Single(), change.Property("label")), Is.EqualTo(("2345678", SyncMode.Upsert, Grace, "transaction/2345678", label)));
        Assert.That((change.Property("offenderNo"), change.Property("bookingId")), Is.EqualTo(("A3864DZ", "1234")));
    }

    [TestCase("OFFENDER_TRANSACTIONS-INSERTED", "transactions-synchronisation-created-skipped", null)] // P1
    [TestCase("GL_TRANSACTIONS-UPDATED", "transactions-synchronisation-updated-skipped", "1")] // G5
    public void Should_skip_what_dps_wrote_itself(string type, string told, string? glSequence)
    {
        var reading = Read(type, Row.Replace("OTIDTACC", "DPS_SYNCHRONISATION", StringComparison.Ordinal).Replace("\"caseload\"", "\"glEntrySequence\":1,\"caseload\"", StringComparison.Ordinal));

        var properties = reading.Events.Single().Properties.ToDictionary();
        Assert.That((reading.Changes.Count, reading.Events.Single().Name, properties.GetValueOrDefault("glSequence")), Is.EqualTo((0, told, glSequence)));
        Assert.That((properties["nomisTransactionId"], properties["bookingId"], properties["offenderNo"]), Is.EqualTo(("2345678", "1234", "A3864DZ")));
    }

    [Test]
    public void Should_do_without_what_a_general_ledger_row_does_not_say()
    {
        var change = Read("GL_TRANSACTIONS-INSERTED", """{"transactionId":1,"caseload":"SWI"}""").Changes.Single();

        Assert.That((change.Property("offenderNo"), change.Property("bookingId")), Is.EqualTo(((string?)null, (string?)null)));
    }

    [TestCase("OFFENDER_TRANSACTIONS-DELETED")]
    [TestCase("GL_TRANSACTIONS-DELETED")]
    public void Should_not_carry_removals(string type) => Assert.That(Read(type, Row).IsKnown, Is.False);

    [Test]
    public void Should_not_wait_again_for_what_the_reference_has_waited_for()
    {
        var change = Read("PERFORM_TRANSACTION_SYNC",
            """{"body":{"transactionEvent":ROW,"requestId":"abcdef01-0000-1111-2222-000011112222","eventType":"updated"},"telemetryAttributes":{}}""".Replace("ROW", Row, StringComparison.Ordinal), isInternal: true).Changes.Single();

        Assert.That((change.Key, change.Grace, change.Property("requestId"), change.Property("label")), Is.EqualTo(("2345678", (TimeSpan?)null, "abcdef01-0000-1111-2222-000011112222", "updated")));
    }

    [Test]
    public void Should_take_up_a_mapping_that_the_reference_left_to_be_written()
    {
        var change = Read(SyncAction.RetryMapping,
            """{"body":{"dpsTransactionId":"a04f7a8d-61aa-400c-9395-000011112222","nomisTransactionId":2345678,"nomisBookingId":1234,"offenderNo":"A3864DZ"}}""", isInternal: true).Changes.Single();

        Assert.That((change.Key, change.Property(SyncAction.TargetId), change.Property("bookingId")), Is.EqualTo(("2345678", "a04f7a8d-61aa-400c-9395-000011112222", "1234")));
    }

    [Test]
    public void Should_take_booking_zero_of_such_a_mapping_for_none()
    {
        var change = Read(SyncAction.RetryMapping,
            """{"body":{"dpsTransactionId":"a04f7a8d-61aa-400c-9395-000011112222","nomisTransactionId":2345678,"nomisBookingId":0},"telemetryAttributes":{"bookingId":"null"}}""", isInternal: true).Changes.Single();

        Assert.That((change.Property("bookingId"), change.Property("offenderNo")), Is.EqualTo(((string?)null, (string?)null)));
    }

    static EventReading Read(string type, string body, bool isInternal = false)
    {
        using var document = JsonDocument.Parse(body);
        return TransactionEvents.Read(new IncomingEvent(type, document.RootElement.Clone(), isInternal, Guid.NewGuid()), Grace);
    }
}
