using System.Globalization;
using Migration.Contracts.Syncs;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Sagas.Domains.FinanceTransactions;

/// <summary>
/// Which change an event is (spec: finance-transactions 2.2, 6.2). A prisoner's row and a general-ledger row both stand for
/// their whole transaction. Pure.
/// </summary>
public static class TransactionEvents
{
    public const string Transaction = "transaction";

    const string Created = "created";
    const string Updated = "updated";

    /// <exception cref="MalformedEventException">A field is missing or is no number.</exception>
    public static EventReading Read(IncomingEvent incoming, TimeSpan grace) => incoming switch
    {
        { IsInternal: true, Type: SyncAction.RetryMapping } => RetryMapping(incoming),
        { IsInternal: true, Type: "PERFORM_TRANSACTION_SYNC" } => Waited(incoming),
        { IsInternal: true } => EventReading.Unknown,
        { Type: "OFFENDER_TRANSACTIONS-INSERTED" } => Changed(incoming, Created, isGeneralLedger: false, grace),
        { Type: "OFFENDER_TRANSACTIONS-UPDATED" } => Changed(incoming, Updated, isGeneralLedger: false, grace),
        { Type: "GL_TRANSACTIONS-INSERTED" } => Changed(incoming, Created, isGeneralLedger: true, grace),
        { Type: "GL_TRANSACTIONS-UPDATED" } => Changed(incoming, Updated, isGeneralLedger: true, grace),
        _ => EventReading.Unknown, // removals too, of which there have been a few dozen ever
    };

    /// <param name="label">created, updated or repair: part of the telemetry's names.</param>
    public static SyncChange Of(long transactionId, string mode, string action, string label, string? offenderNo, string? bookingId, string? requestId = null)
    {
        var id = transactionId.ToString(CultureInfo.InvariantCulture);
        var properties = new Dictionary<string, string>(StringComparer.Ordinal) { [TransactionTelemetry.Label] = label };
        if (offenderNo is not null)
            properties[TransactionTelemetry.OffenderNo] = offenderNo;
        if (bookingId is not null)
            properties[TransactionTelemetry.BookingId] = bookingId;
        if (requestId is not null)
            properties[TransactionTelemetry.RequestId] = requestId;
        return new SyncChange { Entity = Transaction, Key = id, Mode = mode, Action = action, Lanes = ["transaction/" + id], Properties = properties };
    }

    static EventReading Changed(IncomingEvent incoming, string label, bool isGeneralLedger, TimeSpan grace)
    {
        var change = Change(incoming, label, requestId: null);
        // The sequence number is not always there, and nothing but a skipped event's telemetry asks for it.
        return incoming.OriginatesInDps
            ? EventReading.Skipped(TransactionTelemetry.MadeByDps(change, isGeneralLedger ? incoming.Text("gLEntrySequence") : null))
            : change with { Grace = grace };
    }

    static SyncChange Change(IncomingEvent incoming, string label, string? requestId) => Of(incoming.RequiredNumber("transactionId"), SyncMode.Upsert, incoming.Type, label,
        incoming.Text("offenderIdDisplay"), incoming.Number("bookingId")?.ToString(CultureInfo.InvariantCulture), requestId);

    // The reference has waited out the grace already; the message names the id that it would have sent.
    static SyncChange Waited(IncomingEvent incoming)
    {
        var body = incoming.Within("body");
        var requestId = body.RequiredText("requestId");
        return Guid.TryParse(requestId, out _)
            ? Change(body.Within("transactionEvent"), body.Text("eventType") == Updated ? Updated : Created, requestId)
            : throw new MalformedEventException("requestId is not a UUID");
    }

    // The reference has posted the transaction and leaves its mapping to be written.
    static SyncChange RetryMapping(IncomingEvent incoming)
    {
        var mapping = incoming.Within("body");
        var bookingId = mapping.Number("nomisBookingId") is { } id and not 0 ? id.ToString(CultureInfo.InvariantCulture) : null; // 0 stands for none
        var change = Of(mapping.RequiredNumber("nomisTransactionId"), SyncMode.Additive, SyncAction.RetryMapping, Created, mapping.Text("offenderNo"), bookingId);
        return change with { Properties = new Dictionary<string, string>(change.Properties, StringComparer.Ordinal) { [SyncAction.TargetId] = mapping.RequiredText("dpsTransactionId") } };
    }
}
