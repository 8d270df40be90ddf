using System.Net;
using Migration.Clients;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Tests.Engine;

/// <summary>How a call ends for its caller.</summary>
public sealed record Ending(AnswerKind Kind, HttpStatusCode? Status = null, string? Body = null)
{
    /// <summary>A time-out, a reset: nobody knows.</summary>
    public static readonly Ending NoAnswer = new(AnswerKind.Unknown);

    /// <summary>A 2xx that lacks what the contract promises.</summary>
    public static readonly Ending WithoutId = new(AnswerKind.Unknown, HttpStatusCode.Created);

    /// <summary>Held back by a limiter, or no connection.</summary>
    public static readonly Ending NotSent = new(AnswerKind.NotSent);

    /// <summary>The caller's process dies: it hears nothing and says nothing.</summary>
    public static readonly Ending Killed = new(AnswerKind.Unknown, Body: "killed");

    public static Ending Answered(int status) =>
        new(Answers.IsRefusal((HttpStatusCode)status) ? AnswerKind.Refused : AnswerKind.Unknown, (HttpStatusCode)status);

    /// <summary>An outcome is never written for a holder that is killed: the one exception that the step lets pass says just that.</summary>
    internal Ending OrKill() => ReferenceEquals(this, Killed) ? throw new LedgerUnavailableException("The process was killed.", new IOException()) : this;

    internal Answer<T> ToAnswer<T>(string upstream) => new(Kind, Status, default, Body, upstream, $"{upstream} {Kind} {(int?)Status}");

    public override string ToString() => Status is { } status ? $"{(int)status}" : Body ?? $"{Kind}";
}
