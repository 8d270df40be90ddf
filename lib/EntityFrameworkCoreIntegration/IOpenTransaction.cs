using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>A consume context within which the outbox holds a transaction open. The saga repository joins it and tells it which saga the message belongs to.</summary>
interface IOpenTransaction
{
    /// <summary>The scope's context, on which the transaction is.</summary>
    DbContext DbContext { get; }

    /// <summary>From now on, messages sent are of this saga and leave in its order.</summary>
    void BelongsTo(Guid sagaId);
}
