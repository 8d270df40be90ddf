using System.Net;
using System.Runtime.CompilerServices;
using Migration.Clients.Http;
using Refit;

namespace Migration.Clients;

/// <summary>Turns the end of a call into an <see cref="Answer{T}"/>.</summary>
public static class Answers
{
    /// <summary>A call whose answer has a body; a 2xx without one is unknown.</summary>
    /// <exception cref="OperationCanceledException">Only if <paramref name="ct"/> was cancelled before the call began.</exception>
    public static async Task<Answer<T>> Of<T>(string upstream, Func<CancellationToken, Task<IApiResponse<T>>> call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            using var response = await call(ct);
            return response is { IsSuccessful: true, Content: { } body } && body is not ""
                ? new Answer<T>(AnswerKind.Done, response.StatusCode, body, ErrorBody: null, upstream, Detail: null)
                : NotDone<T>(upstream, response);
        }
        catch (Exception failure) when (IsOfTheCall(failure))
        {
            return Failed<T>(upstream, failure);
        }
    }

    /// <summary>A call whose answer has no body by contract; any 2xx is done.</summary>
    /// <exception cref="OperationCanceledException">Only if <paramref name="ct"/> was cancelled before the call began.</exception>
    [OverloadResolutionPriority(-1)]
    public static async Task<Answer<NoBody>> Of(string upstream, Func<CancellationToken, Task<IApiResponse>> call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            using var response = await call(ct);
            return response.IsSuccessful
                ? new Answer<NoBody>(AnswerKind.Done, response.StatusCode, NoBody.Instance, ErrorBody: null, upstream, Detail: null)
                : NotDone<NoBody>(upstream, response);
        }
        catch (Exception failure) when (IsOfTheCall(failure))
        {
            return Failed<NoBody>(upstream, failure);
        }
    }

    /// <summary>Statuses which say that nothing happened.</summary>
    public static bool IsRefusal(HttpStatusCode status) => status
        is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound
        or HttpStatusCode.Conflict or HttpStatusCode.Gone or HttpStatusCode.UnsupportedMediaType
        or HttpStatusCode.UnprocessableEntity or HttpStatusCode.TooManyRequests;

    /// <summary>Whether a request that ended like this certainly never left this process.</summary>
    internal static bool IsNotSent(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                    or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
                })
            {
                return true;
            }
        }

        return false;
    }

    private static Answer<T> NotDone<T>(string upstream, IApiResponse response)
    {
        if (!response.IsReceived)
            return Failed<T>(upstream, response.Error?.InnerException ?? response.Error);

        var status = response.StatusCode.Value;
        var kind = IsRefusal(status) ? AnswerKind.Refused : AnswerKind.Unknown;
        var detail = $"{upstream} answered {(int)status}";
        if (response.IsSuccessStatusCode)
            detail += response.Error is null ? " without a body" : " with a body that cannot be read";

        return new Answer<T>(kind, status, default, ErrorBodyOf(response), upstream, detail) { RetryAfter = RetryAfterOf(response) };
    }

    private static Answer<T> Failed<T>(string upstream, Exception? failure)
    {
        if (failure is not null && IsNotSent(failure))
            return new Answer<T>(AnswerKind.NotSent, null, default, null, upstream, $"{upstream} not reached: {Reason(failure)}");

        var end = failure is OperationCanceledException
            ? failure.InnerException is TimeoutException ? "time-out" : "cancelled while under way"
            : Reason(failure);
        return new Answer<T>(AnswerKind.Unknown, null, default, null, upstream, $"{upstream} gave no answer: {end}");
    }

    /// <summary>Everything but a bug of ours: a failing disposal or a missing registration must not look like an upstream's answer.</summary>
    private static bool IsOfTheCall(Exception failure) =>
        failure is HttpRequestException or OperationCanceledException or IOException or ApiExceptionBase or TimeoutException;

    /// <summary>Type names only: messages of exceptions may quote a URL or a body.</summary>
    private static string Reason(Exception? failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is RequestNotSentException notSent)
                return notSent.Message;
        }

        return failure is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } request
            ? request.HttpRequestError.ToString()
            : (failure?.InnerException ?? failure)?.GetType().Name ?? "no reason given";
    }

    private static string? ErrorBodyOf(IApiResponse response) =>
        response.Error is ApiException { Content: { Length: > 0 } content } ? content[..Math.Min(content.Length, ClientSettings.ErrorBodyLimit)] : null;

    private static TimeSpan? RetryAfterOf(IApiResponse response) => response.Headers?.RetryAfter?.WaitFrom(TimeProvider.System.GetUtcNow());
}
