using System.Net;
using Migration.Clients;

namespace Migration.Sagas.Runs.Discovery;

/// <summary>An upstream did not answer as it should to a call that changes nothing.</summary>
public sealed class UpstreamException : Exception
{
    UpstreamException(string message, HttpStatusCode? status) : base(message) => Status = status;

    /// <summary>Null when there was no answer.</summary>
    public HttpStatusCode? Status { get; }

    public static UpstreamException From<T>(Answer<T> answer) =>
        new(answer.Detail ?? $"{answer.Upstream}: {answer.Status?.ToString() ?? answer.Kind.ToString()}", answer.Status);
}
