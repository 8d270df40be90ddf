using System.Net;
using Migration.Clients;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs.Steps;

namespace Migration.Sagas.Domains;

/// <summary>What an answer that is not done means for the record (protocol section 4).</summary>
static class AnswerFailures
{
    /// <summary>Whether the same call can succeed later: no answer, not sent, 401, 403 and 429 may pass; the other refusals stand.</summary>
    public static bool MayPass<T>(this Answer<T> answer) => answer.Kind != AnswerKind.Refused
        || answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests;

    public static Failure ToFailure<T>(this Answer<T> answer, string step, string? reason = null)
    {
        var status = answer switch
        {
            { Status: { } known } => ((int)known).ToString(),
            { Kind: AnswerKind.NotSent } => "not sent",
            _ => "no answer",
        };
        return new Failure(step, answer.Upstream, status, reason ?? $"{answer.Upstream}: {status} at {step}", answer.Detail ?? answer.ToString());
    }

    /// <summary>A call that changes nothing failed: later, or never.</summary>
    public static RecordOutcome ToReadOutcome<T>(this Answer<T> answer, string step, string? refusedReason = null) => answer.MayPass()
        ? RecordOutcome.Retry(answer.ToFailure(step))
        : RecordOutcome.Failed(answer.ToFailure(step, refusedReason));

    /// <summary>A call of a push failed: later, never, or it is not known what it did.</summary>
    /// <param name="isChange">The call changes the target, and doing so twice would matter.</param>
    public static PushOutcome ToPushOutcome<T>(this Answer<T> answer, string step, bool isChange = false) => answer.MayPass()
        ? PushOutcome.Retry(answer.ToFailure(step), unknown: isChange && answer.Kind == AnswerKind.Unknown)
        : PushOutcome.Failed(answer.ToFailure(step));
}
