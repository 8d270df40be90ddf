using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>The context a consumer sees: what it sends becomes rows in the transaction of its work.</summary>
sealed class PostgresOutboxConsumeContext<TDb, TMessage>(ConsumeContext<TMessage> context, OutboxConsumeOptions options, IServiceProvider provider, TDb db, TimeProvider time)
    : OutboxConsumeContextProxy<TMessage>(context, options, provider), IOpenTransaction
    where TDb : DbContext
    where TMessage : class
{
    readonly Lock _lock = new(); // a consumer may send in parallel
    readonly List<OutboxMessage> _sent = [];
    Guid _scopeId = context.CorrelationId ?? context.MessageId ?? Guid.Empty;

    public DbContext DbContext => db;

    /// <summary>In the order of sending.</summary>
    public IReadOnlyList<OutboxMessage> Sent => _sent;

    public override bool ContinueProcessing { get; set; }

    // The pipe asks this to decide between consuming, delivering and removing. Duplicates do not get here and delivery is another's work: it always consumes.
    public override bool IsMessageConsumed => false;

    public override bool IsOutboxDelivered => false;

    public override int ReceiveCount => 0;

    public override long? LastSequenceNumber => null;

    public void BelongsTo(Guid sagaId) => _scopeId = sagaId;

    public override Task AddSend<T>(SendContext<T> context)
    {
        lock (_lock)
        {
            _sent.Add(OutboxMessage.Create(context, SerializerContext, _scopeId, time.GetUtcNow().UtcDateTime));
        }
        return Task.CompletedTask;
    }

    public override Task SetConsumed() => Task.CompletedTask;

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult(new List<OutboxMessageContext>());

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;
}
