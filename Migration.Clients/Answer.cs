using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Migration.Clients;

/// <summary>What came of a call, by what may have happened at the other end.</summary>
public enum AnswerKind
{
    /// <summary>2xx with what the contract promises.</summary>
    Done,

    /// <summary>Answered with a status which says that nothing happened: 400, 401, 403, 404, 409, 410, 415, 422, 429.</summary>
    Refused,

    /// <summary>Never left this process: no connection, no token, or held back by a limiter. Nothing happened.</summary>
    NotSent,

    /// <summary>May have happened: 408, 5xx, time-out, reset, cancelled while under way, or a 2xx that cannot be read.</summary>
    Unknown,
}

/// <summary>The end of one call to an upstream. A failed call is a value and not an exception, because what to do next depends on its kind.</summary>
/// <param name="Kind">What may have happened.</param>
/// <param name="Status">Null when no answer came.</param>
/// <param name="Body">Set when <see cref="Kind"/> is <see cref="AnswerKind.Done"/>.</param>
/// <param name="ErrorBody">At most 4 kB of the body of an error. May hold personal data: never log it.</param>
/// <param name="Upstream">One of <see cref="Upstreams"/>.</param>
/// <param name="Detail">Why it is not done, without personal data; fit for logs and rows.</param>
public sealed record Answer<T>(AnswerKind Kind, HttpStatusCode? Status, T? Body, string? ErrorBody, string Upstream, string? Detail)
{
    /// <summary>How long the upstream asks to be left alone (429, 503).</summary>
    public TimeSpan? RetryAfter { get; init; }

    [MemberNotNullWhen(true, nameof(Body))]
    public bool IsDone => Kind == AnswerKind.Done;

    public bool IsRefusedWith(HttpStatusCode status) => Kind == AnswerKind.Refused && Status == status;

    /// <summary>The same end of the call, with its body seen as something else.</summary>
    public Answer<TOther> Select<TOther>(Func<T, TOther> body) =>
        new(Kind, Status, IsDone ? body(Body) : default, ErrorBody, Upstream, Detail) { RetryAfter = RetryAfter };

    /// <summary>Without the bodies: answers end up in logs and assertion messages.</summary>
    public override string ToString() => $"{Upstream} {Kind} {(int?)Status} {Detail}".TrimEnd();
}

/// <summary>The body of an answer that has none by contract.</summary>
public sealed record NoBody
{
    public static readonly NoBody Instance = new();
}
