using System.Net.Http.Headers;

namespace Migration.Clients.Http;

internal static class RetryAfter
{
    /// <summary>How long a Retry-After asks to wait; never below zero.</summary>
    public static TimeSpan WaitFrom(this RetryConditionHeaderValue retryAfter, DateTimeOffset now)
    {
        var wait = retryAfter.Delta ?? retryAfter.Date - now ?? TimeSpan.Zero;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
