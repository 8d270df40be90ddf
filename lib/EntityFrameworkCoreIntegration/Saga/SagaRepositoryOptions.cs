namespace MassTransit.EntityFrameworkCoreIntegration.Saga;

/// <summary>How a saga type is stored.</summary>
/// <param name="Lock">How concurrent messages of one saga are kept apart.</param>
public sealed record SagaRepositoryOptions<TSaga>(SagaLock Lock)
    where TSaga : class, ISaga;
