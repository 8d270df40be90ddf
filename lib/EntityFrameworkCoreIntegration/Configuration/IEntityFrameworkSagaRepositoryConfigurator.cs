using Microsoft.EntityFrameworkCore;

namespace MassTransit;

/// <summary>How a saga is stored. Advisory locks are the default. What does not belong to the official package is marked as an addition.</summary>
public interface IEntityFrameworkSagaRepositoryConfigurator<TSaga>
    where TSaga : class, ISaga
{
    /// <summary>Pessimistic: the row is locked (<c>for update</c>). Optimistic: a row version tells of a lost race.</summary>
    ConcurrencyMode ConcurrencyMode { set; }

    /// <summary>Says which database it is. There is no other here.</summary>
    IEntityFrameworkSagaRepositoryConfigurator<TSaga> UsePostgres();

    /// <summary>An addition, and the default: locks the correlation id before the row is read, so that the first messages of a new saga queue up too.</summary>
    IEntityFrameworkSagaRepositoryConfigurator<TSaga> UseAdvisoryLock();

    /// <summary>Uses a context that the application registers in the container.</summary>
    void ExistingDbContext<TContext>()
        where TContext : DbContext;

    /// <summary>
    /// Registers the context too, once a scope, unless the application has: <typeparamref name="TImplementation"/> under its own type, which inbox and outbox ask for, and as
    /// <typeparamref name="TContext"/>, which the saga is stored in.
    /// </summary>
    /// <param name="optionsAction">Sets the context's options, with the container at hand; null leaves them to the context's <c>OnConfiguring</c>.</param>
    void AddDbContext<TContext, TImplementation>(Action<IServiceProvider, DbContextOptionsBuilder<TImplementation>>? optionsAction = null)
        where TContext : DbContext
        where TImplementation : DbContext, TContext;

    /// <summary>Adds to the query by which a saga is loaded, usually an <c>Include</c> of what belongs to it.</summary>
    void CustomizeQuery(Func<IQueryable<TSaga>, IQueryable<TSaga>> queryCustomization);
}
