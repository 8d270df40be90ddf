using MassTransit.Configuration;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;

namespace MassTransit;

/// <summary>Inbox and outbox in Postgres.</summary>
public static class EntityFrameworkOutboxExtensions
{
    /// <summary>How often a message is begun again after a deadlock, a serialization failure or a lost race, before it counts as failed.</summary>
    public const int Repetitions = 3;

    /// <summary>Registers inbox, outbox and their services: <c>x.AddEntityFrameworkOutbox&lt;MyDbContext&gt;(o =&gt; { o.UsePostgres(); o.UseBusOutbox(); })</c>.</summary>
    public static void AddEntityFrameworkOutbox<TDb>(this IBusRegistrationConfigurator configurator, Action<IEntityFrameworkOutboxConfigurator>? configure = null)
        where TDb : DbContext
    {
        ArgumentNullException.ThrowIfNull(configurator);
        var outbox = new EntityFrameworkOutboxConfigurator();
        configure?.Invoke(outbox);
        outbox.Register<TDb>(configurator);
    }

    /// <summary>
    /// Makes every consumer and saga of the endpoint consume a message once, in one transaction (READ COMMITTED) with what it sends. A deadlock, a serialization failure
    /// or a lost race repeats the whole message, with a new scope, up to <paramref name="repetitions"/> times within the delivery; then the message fails as by any other
    /// error. An outer UseMessageRetry does not begin again with errors that were repeated here (MassTransit retries once), so a hot saga with optimistic concurrency
    /// needs a higher number.
    /// </summary>
    public static void UseEntityFrameworkOutbox<TDb>(this IReceiveEndpointConfigurator configurator, IRegistrationContext context, int repetitions = Repetitions)
        where TDb : DbContext
    {
        ArgumentNullException.ThrowIfNull(configurator);
        ArgumentNullException.ThrowIfNull(context);
        configurator.UsePostgresRepetition(repetitions);
        var observer = new OutboxConsumePipeSpecificationObserver<TDb>(configurator, context);
        configurator.ConnectConsumerConfigurationObserver(observer);
        configurator.ConnectSagaConfigurationObserver(observer);
    }

    /// <summary>The repetition alone, for endpoints with sagas and without an outbox.</summary>
    public static void UsePostgresRepetition(this IReceiveEndpointConfigurator configurator, int repetitions = Repetitions)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        // Short pauses of different length: two that met must not meet again.
        configurator.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(PostgresTransientErrors.IsRepeatable);
            retry.Exponential(repetitions, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(30));
        });
    }

    /// <summary>How much waits in the outbox.</summary>
    public static async Task<OutboxBacklog> GetOutboxBacklogAsync(this DbContext db, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(db);
        var row = await db.Database.SqlQueryRaw<BacklogRow>(OutboxTables.Of(db).Backlog).SingleAsync(cancellationToken).ConfigureAwait(false);
        return new OutboxBacklog(row.Messages, row.Failing, TimeSpan.FromSeconds(row.OldestAgeSeconds));
    }

    sealed record BacklogRow(long Messages, long Failing, double OldestAgeSeconds);
}
