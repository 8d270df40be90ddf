namespace MassTransit;

/// <summary>
/// Inbox, outbox and delivery of one context type. What does not belong to the official package is marked as an addition.
/// </summary>
public interface IEntityFrameworkOutboxConfigurator : ITransactionalOutboxConfigurator
{
    /// <summary>How long a consumed message is remembered; 30 minutes. It must exceed the longest time after which the transport may deliver a message again.</summary>
    TimeSpan DuplicateDetectionWindow { set; }

    /// <summary>How often delivery looks for messages that nobody told it of; 1 second.</summary>
    TimeSpan QueryDelay { set; }

    /// <summary>Rows taken, and sent in parallel, in one pass; 100. A quarter of them at most are rows that have failed before.</summary>
    int QueryMessageLimit { set; }

    /// <summary>An addition. A row that cannot be sent is tried again after 1, 2, 4 … seconds, and never after more than this; 1 minute.</summary>
    TimeSpan LongestBackOff { set; }

    /// <summary>An addition. The health check <c>outbox-…</c> is degraded once the oldest message has waited for so long; 5 minutes. Never unhealthy: a new pod could not send it either.</summary>
    TimeSpan DegradedAfter { set; }

    /// <summary>Says which database it is. There is no other here.</summary>
    IEntityFrameworkOutboxConfigurator UsePostgres();

    /// <summary>Sends of a scope outside consumers become rows too, committed by SaveChanges of the application.</summary>
    /// <param name="configure">Options of delivery; null leaves the defaults.</param>
    void UseBusOutbox(Action<IEntityFrameworkBusOutboxConfigurator>? configure = null);

    /// <summary>Leaves the removal of old inbox rows to other processes.</summary>
    void DisableInboxCleanupService();

    /// <summary>An addition. Leaves the sending to other processes, with or without a bus outbox. This one notifies them of what it adds.</summary>
    void DisableDeliveryService();

    /// <summary>An addition. Does without LISTEN and NOTIFY, which a pooler in transaction mode does not pass on. Other processes then find messages when they next look.</summary>
    void DisableNotifications();
}

/// <summary>Delivery, as the official package groups it.</summary>
public interface IEntityFrameworkBusOutboxConfigurator : IBusOutboxConfigurator
{
    /// <summary>Messages of one saga or scope that a pass sends, one after another, before the rest waits for the next pass; 100.</summary>
    int MessageDeliveryLimit { get; set; }

    /// <summary>How long one send may take, also one that does not heed its cancellation; 10 seconds. The rows of the pass stay locked meanwhile.</summary>
    TimeSpan MessageDeliveryTimeout { get; set; }
}
