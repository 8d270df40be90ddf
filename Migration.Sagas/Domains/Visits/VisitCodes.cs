using Migration.Clients.VisitScheduler;

namespace Migration.Sagas.Domains.Visits;

/// <summary>Code tables of a visit (spec: visits 6.5, 6.6).</summary>
public static class VisitCodes
{
    static readonly Dictionary<string, OutcomeStatus> ByOutcome = new(StringComparer.Ordinal)
    {
        ["ADMIN"] = OutcomeStatus.AdministrativeCancellation,
        ["ADMIN_CANCEL"] = OutcomeStatus.AdministrativeCancellation,
        ["HMP"] = OutcomeStatus.EstablishmentCancelled,
        ["NO_ID"] = OutcomeStatus.VisitorFailedSecurityChecks,
        ["NO_VO"] = OutcomeStatus.NoVisitingOrder,
        ["NSHOW"] = OutcomeStatus.VisitorDidNotArrive,
        ["OFFCANC"] = OutcomeStatus.PrisonerCancelled,
        ["REFUSED"] = OutcomeStatus.PrisonerRefusedToAttend,
        ["VISCANC"] = OutcomeStatus.VisitorCancelled,
        ["VO_CANCEL"] = OutcomeStatus.VisitOrderCancelled,
        ["BATCH_CANC"] = OutcomeStatus.BatchCancellation,
    };

    static readonly Dictionary<string, OutcomeStatus?> ByStatus = new(StringComparer.Ordinal)
    {
        ["CANC"] = OutcomeStatus.Cancellation,
        ["HMPOP"] = OutcomeStatus.TerminatedByStaff,
        ["OFFEND"] = OutcomeStatus.PrisonerCompletedEarly,
        ["VDE"] = OutcomeStatus.VisitorDeclinedEntry,
        ["VISITOR"] = OutcomeStatus.VisitorCompletedEarly,
        ["NORM"] = OutcomeStatus.CompletedNormally,
        ["SCH"] = null,
        ["EXP"] = null,
        ["COMP"] = null,
    };

    /// <summary>Every status but CANC counts as booked, unknown ones too.</summary>
    public static VisitStatus Status(string statusCode) => statusCode == "CANC" ? VisitStatus.Cancelled : VisitStatus.Booked;

    /// <summary>By the outcome where there is one, whatever the status; else by the status. Null is no outcome.</summary>
    /// <exception cref="UnknownCodeException">The code that decides is not in its table.</exception>
    public static OutcomeStatus? Outcome(string statusCode, string? outcomeCode)
    {
        if (outcomeCode is not null)
            return ByOutcome.TryGetValue(outcomeCode, out var outcome) ? outcome : throw new UnknownCodeException("visit outcome", outcomeCode);
        return ByStatus.TryGetValue(statusCode, out var byStatus) ? byStatus : throw new UnknownCodeException("visit status", statusCode);
    }

    /// <exception cref="UnknownCodeException">Neither social nor official.</exception>
    public static VisitType Type(string typeCode) => typeCode switch
    {
        "SCON" => VisitType.Social,
        "OFFI" => VisitType.Official,
        _ => throw new UnknownCodeException("visit type", typeCode),
    };
}
