using MassTransit.EntityFrameworkCoreIntegration.Saga;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>The errors that mean "the same work, begun again, may succeed".</summary>
public static class PostgresTransientErrors
{
    /// <summary>
    /// A deadlock (40P01), a serialization failure (40001), a lost optimistic race, or two first messages of a saga that met at the insert; at any depth, because EF and
    /// MassTransit wrap.
    /// </summary>
    public static bool IsRepeatable(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is DbUpdateConcurrencyException or SagaInsertRaceException)
                return true;
            if (exception is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure })
                return true;
        }
        return false;
    }
}
