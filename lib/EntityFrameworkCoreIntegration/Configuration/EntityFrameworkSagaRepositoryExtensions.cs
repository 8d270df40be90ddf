using MassTransit.Configuration;
using Microsoft.EntityFrameworkCore;

namespace MassTransit;

/// <summary>Stores sagas in Postgres.</summary>
public static class EntityFrameworkSagaRepositoryExtensions
{
    /// <summary>Stores the saga by EF Core: <c>.EntityFrameworkRepository(r =&gt; { r.ExistingDbContext&lt;MyDbContext&gt;(); r.UsePostgres(); })</c>.</summary>
    public static ISagaRegistrationConfigurator<TSaga> EntityFrameworkRepository<TSaga>(this ISagaRegistrationConfigurator<TSaga> configurator, Action<IEntityFrameworkSagaRepositoryConfigurator<TSaga>> configure)
        where TSaga : class, ISaga
    {
        ArgumentNullException.ThrowIfNull(configurator);
        ArgumentNullException.ThrowIfNull(configure);
        var repository = new EntityFrameworkSagaRepositoryConfigurator<TSaga>();
        configure(repository);
        configurator.Repository(repository.Register);
        return configurator;
    }

    /// <summary>
    /// The scope's context inside a state machine or consumer, on which the transaction of this message is open: SQL run by it is committed with the saga, the inbox row
    /// and the outgoing messages, or not at all.
    /// </summary>
    /// <example><c>.ThenAsync(context =&gt; context.GetDbContext&lt;MyDbContext&gt;().Database.ExecuteSqlAsync($"update …", context.CancellationToken))</c></example>
    public static TDb GetDbContext<TDb>(this PipeContext context)
        where TDb : DbContext
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.TryGetPayload<TDb>(out var db))
            return db;
        return context.TryGetPayload<IServiceProvider>(out var provider) && provider.GetService(typeof(TDb)) is TDb scoped
            ? scoped
            : throw new PayloadNotFoundException($"No {typeof(TDb).Name} in this context: it is neither a saga stored in one nor a message consumed in a container scope.");
    }
}
