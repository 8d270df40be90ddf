using System.Data;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration.Saga;

/// <summary>
/// Gives every message a repository over the scope's <typeparamref name="TDb"/>. It joins the transaction of the outbox where the endpoint has one and opens its own
/// (READ COMMITTED) where not.
/// </summary>
public sealed class PostgresSagaRepositoryContextFactory<TDb, TSaga>(TDb db, ISagaConsumeContextFactory<DbContext, TSaga> factory, SagaRepositoryOptions<TSaga> options)
    : ISagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>, IQuerySagaRepositoryContextFactory<TSaga>
    where TDb : DbContext
    where TSaga : class, ISaga
{
    /// <inheritdoc />
    public void Probe(ProbeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Add("persistence", "postgres");
        context.Add("lock", options.Lock.ToString());
    }

    /// <inheritdoc />
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        return WithinTransactionAsync(context, () => next.Send(new PostgresSagaRepositoryContext<TSaga, T>(db, context, factory, options)));
    }

    /// <inheritdoc />
    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        return WithinTransactionAsync(context, async () =>
        {
            var repository = new PostgresSagaRepositoryContext<TSaga, T>(db, context, factory, options);
            var instances = await repository.LoadAllAsync(query).ConfigureAwait(false);
            using var found = new PostgresSagaQueryContext<TSaga, T>(repository, instances);
            await next.Send(found).ConfigureAwait(false);
        });
    }

    /// <inheritdoc />
    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(asyncMethod);
        return asyncMethod(new PostgresSagaReadContext<TSaga>(db, options, cancellationToken));
    }

    /// <inheritdoc />
    public Task<T> Execute<T>(Func<QuerySagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(asyncMethod);
        return asyncMethod(new PostgresSagaReadContext<TSaga>(db, options, cancellationToken));
    }

    async Task WithinTransactionAsync(ConsumeContext context, Func<Task> work)
    {
        if (context.TryGetPayload<IOpenTransaction>(out var open))
        {
            if (!ReferenceEquals(open.DbContext, db))
                throw new ConfigurationException($"{typeof(TSaga).Name} is stored in {db.GetType().Name} and its endpoint's outbox in {open.DbContext.GetType().Name}, which would be two transactions: use one context for both.");
            await work().ConfigureAwait(false);
            return;
        }
        // No EF execution strategy: it would run the state machine again over a context full of the first attempt. The message is repeated with a new scope instead.
        var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, context.CancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await work().ConfigureAwait(false);
            await db.CommitAsync([], context.CancellationToken).ConfigureAwait(false);
        }
    }
}
