using System.Text.Json.Serialization;

namespace Migration.Simulator.Sqs;

/// <summary>
/// What goes wrong on purpose. All off at first; may be changed at any time. Rates are between 0 (never) and 1 (always). Over HTTP at <c>/simulator/sqs/faults</c>
/// (GET, PUT): a PUT replaces all of it, so that <c>{}</c> switches every fault off.
/// </summary>
public sealed class SqsFaults
{
    /// <summary>Share of requests answered with 500 InternalError before anything is done.</summary>
    public double InternalErrorRate { get; set; }

    /// <summary>Share of requests refused with OverLimit.</summary>
    public double OverLimitRate { get; set; }

    /// <summary>Share of requests refused with RequestThrottled.</summary>
    public double RequestThrottledRate { get; set; }

    /// <summary>Share of the entries of batches (send, delete, change visibility) that fail with InternalError while the others of the batch succeed.</summary>
    public double PartialBatchFailureRate { get; set; }

    /// <summary>Share of the entries of batches that are refused with RequestThrottled, which SQS counts among the sender's faults.</summary>
    public double ThrottledEntryRate { get; set; }

    /// <summary>Share of received messages that will be delivered once more, whether the first delivery is deleted or not.</summary>
    public double DuplicateDeliveryRate { get; set; }

    /// <summary>
    /// A poll whose client is gone waits on, and what it takes stays hidden until its visibility time-out, as may happen on Amazon. Otherwise it takes nothing.
    /// </summary>
    public bool CancelledPollsTakeMessages { get; set; }

    /// <summary>Added to every request before it is handled.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Every request gets 503, as in an outage. Polls that wait get it when they would have been answered; they take no message with them.</summary>
    public bool RefuseAll { get; set; }

    /// <summary>Every request gets 403 InvalidClientTokenId, as with wrong credentials.</summary>
    public bool RefuseCredentials { get; set; }

    /// <summary>When set, only these actions (<c>SendMessageBatch</c> …) meet errors and latency.</summary>
    public IReadOnlyCollection<string>? OnlyActions { get; set; }

    internal void ReplaceBy(SqsFaults other)
    {
        InternalErrorRate = other.InternalErrorRate;
        OverLimitRate = other.OverLimitRate;
        RequestThrottledRate = other.RequestThrottledRate;
        PartialBatchFailureRate = other.PartialBatchFailureRate;
        ThrottledEntryRate = other.ThrottledEntryRate;
        CancelledPollsTakeMessages = other.CancelledPollsTakeMessages;
        DuplicateDeliveryRate = other.DuplicateDeliveryRate;
        Latency = other.Latency;
        RefuseAll = other.RefuseAll;
        RefuseCredentials = other.RefuseCredentials;
        OnlyActions = other.OnlyActions;
    }

    internal bool Concern(string action) => OnlyActions is not { Count: > 0 } only || only.Contains(action);

    internal static bool Happens(double rate) => rate > 0 && Random.Shared.NextDouble() < rate;
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SqsFaults))]
[JsonSerializable(typeof(IEnumerable<SqsQueueDepth>))]
[JsonSerializable(typeof(SqsRequestCounts))]
internal sealed partial class SqsInspectionJson : JsonSerializerContext;
