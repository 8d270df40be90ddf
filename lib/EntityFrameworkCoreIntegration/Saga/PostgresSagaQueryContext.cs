using MassTransit.Context;
using MassTransit.Saga;

namespace MassTransit.EntityFrameworkCoreIntegration.Saga;

/// <summary>
/// The sagas that a query found. MassTransit runs them in parallel, a DbContext does not: the next one is handed out when the one before it is done, or has failed.
/// </summary>
sealed class PostgresSagaQueryContext<TSaga, TMessage>(PostgresSagaRepositoryContext<TSaga, TMessage> repository, IReadOnlyList<TSaga> instances)
    : LoadedSagaRepositoryQueryContext<TSaga, TMessage>(repository, instances), SagaRepositoryQueryContext<TSaga, TMessage>, IDisposable
    where TSaga : class, ISaga
    where TMessage : class
{
    readonly Dictionary<Guid, TSaga> _instances = instances.ToDictionary(x => x.CorrelationId);
    readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>One of those that were found; the saga repository asks for no other.</summary>
    public new async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId)
    {
        await _turn.WaitAsync(CancellationToken).ConfigureAwait(false);
        repository.Enter(correlationId);
        return new Turn(repository, _instances[correlationId], _turn);
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Is disposed when its saga is saved, or its state machine has failed.</summary>
    sealed class Turn(ConsumeContext<TMessage> context, TSaga instance, SemaphoreSlim turn) : DefaultSagaConsumeContext<TSaga, TMessage>(context, instance), IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
