namespace Migration.Api.Errors;

/// <summary>The error body of every refusal (spec: engine 3.6); only <see cref="Status"/> is always there.</summary>
public sealed record ErrorBody(int Status, int? ErrorCode = null, string? UserMessage = null, string? DeveloperMessage = null, string? MoreInfo = null)
{
    public static ErrorBody Of(int status, string prefix, string message) => new(status, UserMessage: prefix + message, DeveloperMessage: message);

    public IResult ToResult() => Results.Json(this, statusCode: Status);
}
