using Migration.Simulator.Nomis;

namespace Migration.Simulator.Events;

/// <summary>The events of NOMIS, with the fields that their publisher sends.</summary>
public static class NomisEvents
{
    /// <summary>Audit module of a change that was written into NOMIS by DPS.</summary>
    public const string DpsModule = "DPS_SYNCHRONISATION";

    public static NomisEvent VisitCancelled(NomisVisit visit, string auditModule) => new(
        EventQueue.Visits,
        "VISIT_CANCELLED",
        [
            ("offenderIdDisplay", visit.OffenderNo), ("agencyLocationId", visit.PrisonId), ("nomisEventType", "OFFENDER_VISIT-UPDATED"), ("visitId", visit.VisitId),
            ("auditModuleName", auditModule),
        ],
        new EventSubject(VisitId: visit.VisitId));

    /// <param name="offenderNo">The prisoner who has the booking.</param>
    /// <param name="auditModule">Null when NOMIS does not know.</param>
    public static NomisEvent AdjustmentUpserted(NomisAdjustment adjustment, string offenderNo, string? auditModule) =>
        Adjustment(adjustment, offenderNo, auditModule, "UPSERTED");

    public static NomisEvent AdjustmentDeleted(NomisAdjustment adjustment, string offenderNo, string? auditModule) =>
        Adjustment(adjustment, offenderNo, auditModule, "DELETED");

    /// <param name="retained">Set with <paramref name="removed"/> for a merge; both null when only the number changed.</param>
    public static NomisEvent BookingNumberChanged(long bookingId, string? retained, string? removed) => new(
        EventQueue.Sentencing,
        "BOOKING_NUMBER-CHANGED",
        [
            ("bookingId", bookingId), ("nomisEventType", retained is null ? "BOOK_UPD_OASYS" : "P1_RESULT"), ("type", retained is null ? "BOOK_NUMBER_CHANGE" : "MERGE"),
            ("bookingNumber", $"B{bookingId:00000}"), ("previousBookingNumber", $"A{bookingId:00000}"), ("offenderIdDisplay", retained), ("previousOffenderIdDisplay", removed),
        ],
        new EventSubject(BookingId: bookingId));

    /// <summary>Of a prisoner's row.</summary>
    /// <param name="isInsert">False for a change.</param>
    public static NomisEvent OffenderTransaction(long transactionId, int entry, string caseload, string offenderNo, long? bookingId, string? auditModule, bool isInsert) => new(
        EventQueue.Finance,
        isInsert ? "OFFENDER_TRANSACTIONS-INSERTED" : "OFFENDER_TRANSACTIONS-UPDATED",
        [
            ("transactionId", transactionId), ("entrySequence", (long)entry), ("caseload", caseload), ("offenderIdDisplay", offenderNo), ("bookingId", bookingId),
            ("auditModuleName", auditModule),
        ],
        new EventSubject(TransactionId: transactionId),
        IsOfDps(auditModule));

    /// <summary>Of a row of the general ledger.</summary>
    /// <param name="ledgerEntry">Null when the publisher leaves the number out.</param>
    /// <param name="offenderNo">Null for one that belongs to no prisoner.</param>
    public static NomisEvent GeneralLedgerTransaction(
        long transactionId, int entry, int? ledgerEntry, string caseload, string? offenderNo, long? bookingId, string? auditModule, bool isInsert) => new(
        EventQueue.Finance,
        isInsert ? "GL_TRANSACTIONS-INSERTED" : "GL_TRANSACTIONS-UPDATED",
        [
            ("transactionId", transactionId), ("entrySequence", ledgerEntry is null ? null : (long)entry), ("gLEntrySequence", (long?)ledgerEntry), ("caseload", caseload),
            ("offenderIdDisplay", offenderNo), ("bookingId", bookingId), ("auditModuleName", auditModule),
        ],
        new EventSubject(TransactionId: transactionId),
        IsOfDps(auditModule));

    private static NomisEvent Adjustment(NomisAdjustment adjustment, string offenderNo, string? auditModule, string end)
    {
        var isOfSentence = adjustment.Key.Category == AdjustmentCategory.Sentence;
        return new NomisEvent(
            EventQueue.Sentencing,
            $"{(isOfSentence ? "SENTENCE" : "KEY_DATE")}_ADJUSTMENT_{end}",
            [
                ("offenderIdDisplay", offenderNo), ("bookingId", adjustment.BookingId), ("sentenceSeq", adjustment.SentenceSequence), ("adjustmentId", adjustment.Key.Id),
                ("nomisEventType", isOfSentence ? "OFF_SENT_ADJ-UPDATED" : "OFF_KEY_DATES_ADJ-UPDATED"), ("auditModuleName", auditModule),
            ],
            new EventSubject(Adjustment: adjustment.Key),
            // Whoever made the last change: a deletion counts as nobody's.
            end == "UPSERTED" && IsOfDps(auditModule));
    }

    private static bool IsOfDps(string? auditModule) => auditModule?.StartsWith(DpsModule, StringComparison.Ordinal) == true;
}
