using System.Diagnostics;
using Microsoft.Extensions.Http;

namespace Migration.Sagas.Limits;

/// <summary>Puts a measurement next to the wire of every client: each call counts, repeats of a read as well.</summary>
sealed class MeasureUpstreams(UpstreamLimits limits) : IHttpMessageHandlerBuilderFilter
{
    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        if (builder.Name is { } upstream)
            builder.AdditionalHandlers.Add(new Measurement(limits.Get(upstream)));
    };

    sealed class Measurement(UpstreamLimiter limiter) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var since = Stopwatch.GetTimestamp();
            HttpResponseMessage response;
            try
            {
                response = await base.SendAsync(request, cancellationToken);
            }
            catch
            {
                limiter.NotAnswered();
                throw;
            }
            var retryAfter = response.Headers.RetryAfter;
            limiter.Answered(response.StatusCode, Stopwatch.GetElapsedTime(since),
                retryAfter is null ? null : retryAfter.Delta ?? retryAfter.Date - DateTimeOffset.UtcNow);
            return response;
        }
    }
}
