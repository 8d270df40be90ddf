using System.Diagnostics.CodeAnalysis;

namespace Migration.Clients;

/// <summary>The request never left this process, so nothing happened at the other end and it may be sent again.</summary>
[SuppressMessage("Roslynator", "RCS1194", Justification = "It is never thrown without a reason.")]
public sealed class RequestNotSentException : HttpRequestException
{
    public RequestNotSentException(string reason, Exception? inner = null)
        : base(HttpRequestError.ConnectionError, reason, inner)
    {
    }
}
