using MassTransit.Clients;
using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using MassTransit.Serialization;
using MassTransit.Transports;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>
/// The bus outbox: a scope's <see cref="IPublishEndpoint"/> and <see cref="ISendEndpointProvider"/> add rows to the scope's DbContext. They exist once the application
/// has called SaveChanges (and has committed, if it opened a transaction); a scope that never does so sends nothing.
/// </summary>
sealed class PostgresScopedBusContext<TDb> : ScopedBusContext, OutboxSendContext, IDisposable
    where TDb : DbContext
{
    readonly IBus _bus;
    readonly TDb _db;
    readonly IClientFactory _clientFactory;
    readonly IServiceProvider _provider;
    readonly OutboxSignal<TDb> _signal;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    readonly Guid _scopeId = NewId.NextGuid();
    bool _hasUnsignalled;

    public PostgresScopedBusContext(IBus bus, TDb db, IClientFactory clientFactory, IServiceProvider provider, OutboxSignal<TDb> signal, TimeProvider time)
    {
        _bus = bus;
        _db = db;
        _clientFactory = clientFactory;
        _provider = provider;
        _signal = signal;
        _time = time;
        db.SavedChanges += OnSavedChanges;
    }

    public ISendEndpointProvider SendEndpointProvider => field ??= new OutboxSendEndpointProvider(this, _bus);

    public IPublishEndpoint PublishEndpoint => field ??= new PublishEndpoint(new OutboxPublishEndpointProvider(this, _bus));

    public IScopedClientFactory ClientFactory => field ??= new ScopedClientFactory(new ClientFactory(new ScopedClientFactoryContext(_clientFactory, _provider)), null);

    public Task AddSend<T>(SendContext<T> context)
        where T : class
    {
        lock (_lock)
        {
            _db.Set<OutboxMessage>().Add(OutboxMessage.Create(context, SystemTextJsonMessageSerializer.Instance, _scopeId, _time.GetUtcNow().UtcDateTime));
            _hasUnsignalled = true;
        }
        return Task.CompletedTask;
    }

    public object? GetService(Type serviceType) => _provider.GetService(serviceType);

    /// <summary>At the end of the scope a transaction of the application has committed, which nothing told us of.</summary>
    public void Dispose()
    {
        _db.SavedChanges -= OnSavedChanges;
        Signal();
    }

    void OnSavedChanges(object? sender, SavedChangesEventArgs e)
    {
        if (_db.Database.CurrentTransaction is null)
            Signal();
    }

    void Signal()
    {
        if (!_hasUnsignalled)
            return;
        _hasUnsignalled = false;
        _signal.Set();
    }
}
