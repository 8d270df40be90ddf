using System.Net.Http.Headers;

namespace Migration.Clients.Http;

/// <summary>
/// Sends every request as a media type that an upstream insists on, also where there is no body to send: Spring takes a request without
/// a content type for one of the wrong type.
/// </summary>
internal sealed class MediaTypeHandler(string mediaType) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Content ??= new ByteArrayContent([]);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return base.SendAsync(request, cancellationToken);
    }
}
