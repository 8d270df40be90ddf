using Migration.Clients.VisitScheduler;

namespace Migration.Sagas.Domains.Visits;

/// <summary>Code tables of a visit (spec: visits 6.5, 6.6).</summary>
public static class VisitCodes
{
    static readonly Dictionary<string, OutcomeStatus> ByOutcome = new(StringComparer.Ordinal)
    {
        ["ADMIN"] = OutcomeStatus.ADMINISTRATIVE_CANCELLATION,
        ["ADMIN_CANCEL"] = OutcomeStatus.ADMINISTRATIVE_CANCELLATION,
        ["HMP"] = OutcomeStatus.ESTABLISHMENT_CANCELLED,
        ["NO_ID"] = OutcomeStatus.VISITOR_FAILED_SECURITY_CHECKS,
        ["NO_VO"] = OutcomeStatus.NO_VISITING_ORDER,
        ["NSHOW"] = OutcomeStatus.VISITOR_DID_NOT_ARRIVE,
        ["OFFCANC"] = OutcomeStatus.PRISONER_CANCELLED,
        ["REFUSED"] = OutcomeStatus.PRISONER_REFUSED_TO_ATTEND,
        ["VISCANC"] = OutcomeStatus.VISITOR_CANCELLED,
        ["VO_CANCEL"] = OutcomeStatus.VISIT_ORDER_CANCELLED,
        ["BATCH_CANC"] = OutcomeStatus.BATCH_CANCELLATION,
    };

    static readonly Dictionary<string, OutcomeStatus?> ByStatus = new(StringComparer.Ordinal)
    {
        ["CANC"] = OutcomeStatus.CANCELLATION,
        ["HMPOP"] = OutcomeStatus.TERMINATED_BY_STAFF,
        ["OFFEND"] = OutcomeStatus.PRISONER_COMPLETED_EARLY,
        ["VDE"] = OutcomeStatus.VISITOR_DECLINED_ENTRY,
        ["VISITOR"] = OutcomeStatus.VISITOR_COMPLETED_EARLY,
        ["NORM"] = OutcomeStatus.COMPLETED_NORMALLY,
        ["SCH"] = null,
        ["EXP"] = null,
        ["COMP"] = null,
    };

    /// <summary>Every status but CANC counts as booked, unknown ones too.</summary>
    public static VisitStatus Status(string statusCode) => statusCode == "CANC" ? VisitStatus.CANCELLED : VisitStatus.BOOKED;

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
        "SCON" => VisitType.SOCIAL,
        "OFFI" => VisitType.OFFICIAL,
        _ => throw new UnknownCodeException("visit type", typeCode),
    };
}
