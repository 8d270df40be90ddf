using MassTransit.EntityFrameworkCoreIntegration.Saga;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit.Configuration;

/// <summary>Collects how a saga is to be stored, and registers it.</summary>
sealed class EntityFrameworkSagaRepositoryConfigurator<TSaga> : IEntityFrameworkSagaRepositoryConfigurator<TSaga>
    where TSaga : class, ISaga
{
    Action<ISagaRepositoryRegistrationConfigurator<TSaga>>? _register;
    SagaLock _lock = SagaLock.Advisory;
    Func<IQueryable<TSaga>, IQueryable<TSaga>>? _customize;

    public ConcurrencyMode ConcurrencyMode
    {
        set => _lock = value == ConcurrencyMode.Optimistic ? SagaLock.Optimistic : SagaLock.Row;
    }

    public IEntityFrameworkSagaRepositoryConfigurator<TSaga> UsePostgres() => this;

    public IEntityFrameworkSagaRepositoryConfigurator<TSaga> UseAdvisoryLock()
    {
        _lock = SagaLock.Advisory;
        return this;
    }

    public void ExistingDbContext<TContext>()
        where TContext : DbContext =>
        _register = RegisterRepository<TContext>;

    public void AddDbContext<TContext, TImplementation>(Action<IServiceProvider, DbContextOptionsBuilder<TImplementation>>? optionsAction = null)
        where TContext : DbContext
        where TImplementation : DbContext, TContext =>
        _register = x =>
        {
            x.TryAddSingleton(provider =>
            {
                var builder = new DbContextOptionsBuilder<TImplementation>().UseApplicationServiceProvider(provider);
                optionsAction?.Invoke(provider, (DbContextOptionsBuilder<TImplementation>)builder);
                return (DbContextOptions<TImplementation>)builder.Options;
            });
            x.TryAddScoped(provider => ActivatorUtilities.CreateInstance<TImplementation>(provider, provider.GetRequiredService<DbContextOptions<TImplementation>>()));
            if (typeof(TContext) != typeof(TImplementation))
                x.TryAddScoped<TContext>(provider => provider.GetRequiredService<TImplementation>());
            RegisterRepository<TImplementation>(x); // and not TContext: where that is DbContext, two sagas with two contexts would share the first
        };

    public void CustomizeQuery(Func<IQueryable<TSaga>, IQueryable<TSaga>> queryCustomization)
    {
        ArgumentNullException.ThrowIfNull(queryCustomization);
        _customize = queryCustomization;
    }

    public void Register(ISagaRepositoryRegistrationConfigurator<TSaga> configurator)
    {
        var register = _register ?? throw new ConfigurationException($"The repository of {typeof(TSaga).Name} needs a context: call ExistingDbContext<T>() or AddDbContext<T, T>(…).");
        configurator.TryAddSingleton(new SagaRepositoryOptions<TSaga>(_lock, _customize));
        register(configurator);
    }

    static void RegisterRepository<TContext>(ISagaRepositoryRegistrationConfigurator<TSaga> configurator)
        where TContext : DbContext
    {
        configurator.RegisterLoadSagaRepository<TSaga, PostgresSagaRepositoryContextFactory<TContext, TSaga>>();
        configurator.RegisterQuerySagaRepository<TSaga, PostgresSagaRepositoryContextFactory<TContext, TSaga>>();
        configurator.RegisterSagaRepository<TSaga, DbContext, SagaConsumeContextFactory<DbContext, TSaga>, PostgresSagaRepositoryContextFactory<TContext, TSaga>>();
    }
}
