using System.Net;

namespace Migration.Clients.Http;

/// <summary>
/// Repeats reads that failed for a passing reason. Whatever may change something is sent once, always.
/// A handler of our own: that of Microsoft.Extensions.Http.Resilience took 20 of 131 µs of CPU of every call, changing ones included.
/// </summary>
internal sealed class ReadRetryHandler(TimeProvider time) : DelegatingHandler
{
    private const int Repeats = 2;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);

    /// <summary>A longer wait is the caller's business: it holds a permit and a lease meanwhile.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Method == HttpMethod.Get ? Read(request, cancellationToken) : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> Read(HttpRequestMessage request, CancellationToken ct)
    {
        for (var repeat = 0; ; repeat++)
        {
            TimeSpan wait;
            try
            {
                var response = await base.SendAsync(request, ct);
                if (repeat == Repeats || !IsPassing(response.StatusCode))
                    return response;
                wait = response.Headers.RetryAfter?.WaitFrom(time.GetUtcNow()) ?? WaitBefore(repeat);
                if (wait > LongestWait)
                    return response;
                response.Dispose();
            }
            catch (HttpRequestException) when (repeat < Repeats)
            {
                wait = WaitBefore(repeat);
            }

            await Task.Delay(wait, time, ct);
        }
    }

    private static bool IsPassing(HttpStatusCode status) => status
        is HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway
        or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Doubles with each repeat; between half and one and a half of it, so that those who failed together do not come back together.</summary>
    private static TimeSpan WaitBefore(int repeat) => FirstWait * (1 << repeat) * (0.5 + Random.Shared.NextDouble());
}
