namespace MassTransit.EntityFrameworkCoreIntegration.Saga;

/// <summary>How concurrent messages of one saga are kept apart.</summary>
public enum SagaLock
{
    /// <summary>
    /// <c>pg_advisory_xact_lock</c> on the correlation id, in a statement of its own before the row is read. The first messages of a new saga queue up too, so nothing
    /// has to be repeated.
    /// </summary>
    Advisory,

    /// <summary><c>select … for update</c>. Two first messages of a new saga race on the insert, and one of them is repeated.</summary>
    Row,

    /// <summary>No lock: a row version (map <c>xmin</c>: <c>Property&lt;uint&gt;("xmin").IsRowVersion()</c>) tells of the lost race, and the message is repeated.</summary>
    Optimistic,
}
