using Migration.Api.Errors;

namespace Migration.Api.Runs;

static class ErrorMetadata
{
    /// <summary>Documents the error bodies of an endpoint; 401 and 403 go without saying.</summary>
    public static RouteHandlerBuilder Errors(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        endpoint.Produces(StatusCodes.Status401Unauthorized).Produces<ErrorBody>(StatusCodes.Status403Forbidden);
        foreach (var status in statuses)
            endpoint.Produces<ErrorBody>(status);
        return endpoint;
    }
}
