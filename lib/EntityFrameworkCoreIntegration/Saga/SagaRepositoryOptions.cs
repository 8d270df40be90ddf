namespace MassTransit.EntityFrameworkCoreIntegration.Saga;

/// <summary>How a saga type is stored.</summary>
/// <param name="Lock">How concurrent messages of one saga are kept apart.</param>
/// <param name="CustomizeQuery">Adds to the query by which an instance is loaded; null when there is nothing to add.</param>
public sealed record SagaRepositoryOptions<TSaga>(SagaLock Lock, Func<IQueryable<TSaga>, IQueryable<TSaga>>? CustomizeQuery = null)
    where TSaga : class, ISaga
{
    internal IQueryable<TSaga> Customize(IQueryable<TSaga> query) => CustomizeQuery?.Invoke(query) ?? query;
}
