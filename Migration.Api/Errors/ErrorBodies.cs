using Microsoft.AspNetCore.Diagnostics;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Discovery;

namespace Migration.Api.Errors;

/// <summary>Turns exceptions and bare statuses into the documented error body. Messages hold ids, never payloads.</summary>
static partial class ErrorBodies
{
    public static IServiceCollection AddErrorBodies(this IServiceCollection services) => services
        .AddExceptionHandler<Handler>()
        .Configure<RouteHandlerOptions>(x => x.ThrowOnBadRequest = true);

    public static void UseErrorBodies(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(async context =>
        {
            var response = context.HttpContext.Response;
            if (BareStatus(response.StatusCode) is { } body)
                await response.WriteAsJsonAsync(body);
        });
    }

    // 401 stays empty: WWW-Authenticate says it all. 403 names nothing.
    static ErrorBody? BareStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => null,
        StatusCodes.Status403Forbidden => new ErrorBody(status),
        StatusCodes.Status404NotFound => ErrorBody.Of(status, "Not Found: ", "no such path"),
        StatusCodes.Status405MethodNotAllowed => ErrorBody.Of(status, "Method Not Allowed: ", "this path has other methods"),
        StatusCodes.Status415UnsupportedMediaType => ErrorBody.Of(status, "Unsupported Media Type: ", "send application/json"),
        _ => new ErrorBody(status),
    };

    static ErrorBody Body(Exception exception) => exception switch
    {
        RunInProgressException => ErrorBody.Of(409, "Migration already in progress: ", exception.Message),
        ConflictException => ErrorBody.Of(409, "Conflict: ", exception.Message),
        NotFoundException => ErrorBody.Of(404, "Not Found: ", exception.Message),
        InvalidRequestException invalid => ErrorBody.Of(400, invalid.Prefix, exception.Message),
        // The framework names the parameter and what was given for it; it has no other way to tell these from the rest.
        BadHttpRequestException { StatusCode: 400 } bad when bad.Message.StartsWith("Failed to bind parameter", StringComparison.Ordinal) =>
            ErrorBody.Of(400, "Invalid Argument: ", bad.Message),
        BadHttpRequestException bad => ErrorBody.Of(bad.StatusCode, "Bad Request: ", "the request cannot be read"),
        UpstreamException => ErrorBody.Of(500, "Unexpected error: ", exception.Message),
        _ => ErrorBody.Of(500, "Unexpected error: ", "see the log of this time"),
    };

    sealed partial class Handler(ILogger<Handler> logger) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            var body = Body(exception);
            if (body.Status >= 500)
                LogFailed(exception, httpContext.Request.Method, httpContext.GetEndpoint()?.DisplayName);
            httpContext.Response.StatusCode = body.Status;
            await httpContext.Response.WriteAsJsonAsync(body, cancellationToken);
            return true;
        }

        [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Endpoint} failed")]
        partial void LogFailed(Exception exception, string method, string? endpoint);
    }
}
