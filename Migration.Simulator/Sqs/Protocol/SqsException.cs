namespace Migration.Simulator.Sqs.Protocol;

/// <summary>
/// A refusal that the caller sees. <see cref="Type"/> becomes <c>__type</c>, <see cref="QueryCode"/> the code in <c>x-amzn-query-error</c>, from which the AWS SDKs
/// choose their typed exception.
/// </summary>
internal sealed class SqsException(string type, string message, string? queryCode = null, int status = 400) : Exception(message)
{
    const string LegacyPrefix = "AWS.SimpleQueueService.";

    public string Type { get; } = type;

    public string QueryCode { get; } = queryCode ?? type;

    public int Status { get; } = status;

    public bool IsSenderFault => Status < 500;

    public static SqsException QueueDoesNotExist() =>
        new("QueueDoesNotExist", "The specified queue does not exist.", LegacyPrefix + "NonExistentQueue");

    public static SqsException QueueNameExists(string attribute) =>
        new("QueueNameExists", $"A queue already exists with the same name and a different value for attribute {attribute}", "QueueAlreadyExists");

    public static SqsException ResourceNotFound(string what) => new("ResourceNotFoundException", what);

    public static SqsException UnknownAction(string action) => new("UnknownOperationException", $"Unknown action {action}", "InvalidAction");

    public static SqsException MalformedRequest(string reason) => new("SerializationException", reason, "MalformedInput");

    public static SqsException MissingParameter(string name) =>
        new("MissingRequiredParameterException", $"The request must contain the parameter {name}.", "MissingParameter");

    public static SqsException InvalidParameter(string name, object? value, string reason) =>
        new("InvalidParameterValueException", $"Value {value} for parameter {name} is invalid. Reason: {reason}", "InvalidParameterValue");

    public static SqsException InvalidAttributeName(string name) => new("InvalidAttributeName", $"Unknown Attribute {name}.");

    public static SqsException InvalidAttributeValue(string name) => new("InvalidAttributeValue", $"Invalid value for the parameter {name}.");

    public static SqsException InvalidMessageContents() => new("InvalidMessageContents", "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");

    public static SqsException MessageTooLong(int limit) =>
        new("InvalidParameterValueException", $"One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes.", "InvalidParameterValue");

    public static SqsException ReceiptHandleIsInvalid() => new("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");

    public static SqsException MessageNotInflight() =>
        new("MessageNotInflight", "The message referred to is not in flight.", LegacyPrefix + "MessageNotInflight");

    public static SqsException EmptyBatch() =>
        new("EmptyBatchRequest", "There should be at least one entry in the request.", LegacyPrefix + "EmptyBatchRequest");

    public static SqsException TooManyEntries(int count) =>
        new("TooManyEntriesInBatchRequest", $"Maximum number of entries per request are 10. You have sent {count}.", LegacyPrefix + "TooManyEntriesInBatchRequest");

    public static SqsException BatchEntryIdsNotDistinct(string id) =>
        new("BatchEntryIdsNotDistinct", $"Id {id} repeated.", LegacyPrefix + "BatchEntryIdsNotDistinct");

    public static SqsException InvalidBatchEntryId() =>
        new("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.", LegacyPrefix + "InvalidBatchEntryId");

    public static SqsException BatchRequestTooLong(long size) =>
        new("BatchRequestTooLong", $"Batch requests cannot be longer than {SqsLimits.MessageBytes} bytes. You have sent {size} bytes.", LegacyPrefix + "BatchRequestTooLong");

    public static SqsException PurgeInProgress(string queue, TimeSpan interval) =>
        new("PurgeQueueInProgress", $"Only one PurgeQueue operation on {queue} is allowed every {interval.TotalSeconds:0.###} seconds.", LegacyPrefix + "PurgeQueueInProgress");

    public static SqsException OverLimit(string reason) => new("OverLimit", reason);

    public static SqsException RequestThrottled() => new("RequestThrottled", "Rate exceeded.");

    public static SqsException InternalError() => new("InternalFailure", "We encountered an internal error. Please try again.", "InternalError", 500);

    public static SqsException InvalidClientToken() =>
        new("InvalidClientTokenId", "The security token included in the request is invalid.", status: 403);

    public static SqsException ServiceUnavailable() => new("ServiceUnavailable", "Service is unavailable.", status: 503);
}
