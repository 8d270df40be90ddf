using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;

namespace Migration.Clients.Http;

/// <summary>Repeats reads that failed for a passing reason. Whatever may change something is sent once, always.</summary>
internal static class ReadRetries
{
    private const int Repeats = 2;

    /// <summary>A longer wait is the caller's business: it holds a permit and a lease meanwhile.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    public static void AddReadRetries(this IHttpClientBuilder client) =>
        client.AddResilienceHandler("reads", pipeline => pipeline.AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = Repeats,
            Delay = TimeSpan.FromMilliseconds(100),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldRetryAfterHeader = true,
            ShouldHandle = attempt => ValueTask.FromResult(IsRead(attempt) && IsPassing(attempt.Outcome)),
        }));

    private static bool IsRead(RetryPredicateArguments<HttpResponseMessage> attempt) =>
        attempt.Context.GetRequestMessage()?.Method == HttpMethod.Get;

    private static bool IsPassing(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException } => true,
        { Result: { StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable } answer } => !IsTold(answer, out var wait) || wait <= LongestWait,
        { Result.StatusCode: HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout } => true,
        _ => false,
    };

    private static bool IsTold(HttpResponseMessage answer, out TimeSpan wait)
    {
        wait = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - TimeProvider.System.GetUtcNow(),
            _ => TimeSpan.Zero,
        };
        return answer.Headers.RetryAfter is not null;
    }
}
