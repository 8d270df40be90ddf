using MassTransit.Configuration;
using MassTransit.EntityFrameworkCoreIntegration.Saga;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit;

/// <summary>Configures the repository of a saga. Advisory locks are the default.</summary>
public sealed class EntityFrameworkSagaRepositoryConfigurator<TSaga>
    where TSaga : class, ISaga
{
    Action<ISagaRepositoryRegistrationConfigurator<TSaga>>? _register;
    SagaLock _lock = SagaLock.Advisory;

    /// <summary>Pessimistic: the row is locked (<c>for update</c>). Optimistic: a row version tells of a lost race.</summary>
    public ConcurrencyMode ConcurrencyMode
    {
        set => _lock = value == ConcurrencyMode.Optimistic ? SagaLock.Optimistic : SagaLock.Row;
    }

    /// <summary>Uses a context that the application registers in the container.</summary>
    public void ExistingDbContext<TDb>()
        where TDb : DbContext
    {
        _register = x =>
        {
            x.RegisterLoadSagaRepository<TSaga, PostgresSagaRepositoryContextFactory<TDb, TSaga>>();
            x.RegisterQuerySagaRepository<TSaga, PostgresSagaRepositoryContextFactory<TDb, TSaga>>();
            x.RegisterSagaRepository<TSaga, DbContext, SagaConsumeContextFactory<DbContext, TSaga>, PostgresSagaRepositoryContextFactory<TDb, TSaga>>();
        };
    }

    /// <summary>Says, as with the official package, which database it is. There is no other here.</summary>
    public EntityFrameworkSagaRepositoryConfigurator<TSaga> UsePostgres() => this;

    /// <summary>Locks the correlation id before the row is read. An addition to the official package, and the default.</summary>
    public EntityFrameworkSagaRepositoryConfigurator<TSaga> UseAdvisoryLock()
    {
        _lock = SagaLock.Advisory;
        return this;
    }

    internal void Register(ISagaRepositoryRegistrationConfigurator<TSaga> configurator)
    {
        var register = _register ?? throw new ConfigurationException($"The repository of {typeof(TSaga).Name} needs a context: call ExistingDbContext<T>().");
        configurator.TryAddSingleton(new SagaRepositoryOptions<TSaga>(_lock));
        register(configurator);
    }
}
