namespace Migration.Clients.Http;

/// <summary>
/// Reads the whole answer before handing it on. Refit asks for the headers only, and the time-out of HttpClient would end with them:
/// a body that never ends would hang its reader for ever.
/// </summary>
internal sealed class WholeAnswerHandler : DelegatingHandler
{
    /// <summary>The limit of the service that this one replaces.</summary>
    private const int BodyLimit = 10 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(BodyLimit, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
