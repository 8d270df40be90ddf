namespace Migration.Api.Errors;

/// <summary>404; the message is the id that was not found.</summary>
sealed class NotFoundException(string id) : Exception(id);

/// <summary>409 for another reason than a run in progress.</summary>
sealed class ConflictException(string message) : Exception(message);

/// <summary>400; nothing was stored.</summary>
/// <param name="prefix">"Validation failure: ", "Bad Request: " or "Invalid Argument: ".</param>
/// <param name="message">What is wrong, and what would be right.</param>
sealed class InvalidRequestException(string prefix, string message) : Exception(message)
{
    public string Prefix => prefix;

    public static InvalidRequestException Validation(string message) => new("Validation failure: ", message);
    public static InvalidRequestException BadRequest(string message) => new("Bad Request: ", message);
    public static InvalidRequestException Argument(string message) => new("Invalid Argument: ", message);
}
