using MassTransit.DependencyInjection;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>Within a consumer, sending goes through the consume context and so through its outbox; elsewhere through the bus outbox.</summary>
sealed class PostgresScopedBusContextProvider<TDb>(
    IBus bus,
    TDb db,
    Bind<IBus, IClientFactory> clientFactory,
    Bind<IBus, IScopedConsumeContextProvider> consumeContext,
    IServiceProvider provider,
    OutboxSignal<TDb> signal,
    TimeProvider time) : IScopedBusContextProvider<IBus>, IDisposable
    where TDb : DbContext
{
    public ScopedBusContext Context { get; } = consumeContext.Value.HasContext
        ? new ConsumeContextScopedBusContext(consumeContext.Value.GetContext(), clientFactory.Value)
        : new PostgresScopedBusContext<TDb>(bus, db, clientFactory.Value, provider, signal, time);

    public void Dispose() => (Context as IDisposable)?.Dispose();
}
