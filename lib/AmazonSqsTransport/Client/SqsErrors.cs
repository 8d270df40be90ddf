using System.Net;
using Amazon.Runtime;
using Amazon.SQS.Model;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Tells SQS's errors apart. Codes come with and without the prefix <c>AWS.SimpleQueueService.</c>, depending on the protocol.</summary>
static class SqsErrors
{
    public static bool IsMissingQueue(Exception exception) =>
        exception is QueueDoesNotExistException or AmazonServiceException { ErrorCode: "AWS.SimpleQueueService.NonExistentQueue" };

    public static bool IsThrottling(Exception exception) => exception switch
    {
        RequestThrottledException or KmsThrottledException or OverLimitException => true,
        AmazonServiceException { StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable } => true,
        // The SDK has a type for OverLimit only where the action's documentation names it.
        AmazonServiceException { ErrorCode: { } code } => IsThrottlingCode(code),
        SqsEntryException entry => IsThrottlingCode(entry.Code),
        _ => false
    };

    /// <summary>True for an entry of a batch that may succeed by repeating it. SQS counts throttling among the sender's faults.</summary>
    public static bool IsWorthRepeating(SqsEntryException entry) => !entry.IsSenderFault || IsThrottlingCode(entry.Code);

    /// <summary>The caller lacks the permission; the same request will not succeed by repeating it.</summary>
    public static bool IsForbidden(Exception exception) =>
        exception is AmazonServiceException { StatusCode: HttpStatusCode.Forbidden } or AmazonServiceException { ErrorCode: "AccessDenied" or "AccessDeniedException" };

    /// <summary>The receipt does not stand for the message any more: its visibility ran out, or it was deleted.</summary>
    public static bool IsLostReceipt(Exception exception) => exception switch
    {
        SqsEntryException entry => entry.Code.EndsWith("MessageNotInflight", StringComparison.Ordinal)
            || entry.Code.EndsWith("ReceiptHandleIsInvalid", StringComparison.Ordinal)
            || entry.Code.EndsWith("InvalidParameterValue", StringComparison.Ordinal),
        MessageNotInflightException or ReceiptHandleIsInvalidException => true,
        _ => IsMissingQueue(exception)
    };

    static bool IsThrottlingCode(string code) => code.Contains("Throttl", StringComparison.OrdinalIgnoreCase) || code.EndsWith("OverLimit", StringComparison.Ordinal);
}
