using MassTransit.DependencyInjection;
using MassTransit.EntityFrameworkCoreIntegration;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit;

/// <summary>Configures inbox, outbox and delivery of one context type.</summary>
public sealed class EntityFrameworkOutboxConfigurator
{
    bool _usesBusOutbox;
    bool _delivers = true;
    bool _cleansUp = true;
    bool _usesNotifications = true;

    internal EntityFrameworkOutboxConfigurator()
    {
    }

    /// <summary>How long a consumed message is remembered; 30 minutes. It must exceed the longest time after which the transport may deliver a message again.</summary>
    public TimeSpan DuplicateDetectionWindow { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How often delivery looks for messages that nobody told it of; 1 second.</summary>
    public TimeSpan QueryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Rows taken, and sent in parallel, in one pass; 100.</summary>
    public int QueryMessageLimit { get; set; } = 100;

    /// <summary>How long one send may take; 10 seconds. The rows of the pass stay locked meanwhile.</summary>
    public TimeSpan MessageDeliveryTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A row that cannot be sent is tried again after 1, 2, 4 … seconds, and never after more than this; 1 minute.</summary>
    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Says, as with the official package, which database it is. There is no other here.</summary>
    public EntityFrameworkOutboxConfigurator UsePostgres() => this;

    /// <summary>Sends of a scope outside consumers become rows too, committed by SaveChanges of the application.</summary>
    public EntityFrameworkOutboxConfigurator UseBusOutbox()
    {
        _usesBusOutbox = true;
        return this;
    }

    /// <summary>Leaves the sending to other processes. This one notifies them of what it adds.</summary>
    public EntityFrameworkOutboxConfigurator DisableDeliveryService()
    {
        _delivers = false;
        return this;
    }

    /// <summary>Leaves the removal of old inbox rows to other processes.</summary>
    public EntityFrameworkOutboxConfigurator DisableInboxCleanupService()
    {
        _cleansUp = false;
        return this;
    }

    /// <summary>Does without LISTEN and NOTIFY, which a pooler in transaction mode does not pass on. Other processes then find messages when they next look.</summary>
    public EntityFrameworkOutboxConfigurator DisableNotifications()
    {
        _usesNotifications = false;
        return this;
    }

    internal void Register<TDb>(IBusRegistrationConfigurator services)
        where TDb : DbContext
    {
        Require(DuplicateDetectionWindow > TimeSpan.Zero, nameof(DuplicateDetectionWindow), "above zero");
        Require(QueryDelay > TimeSpan.Zero, nameof(QueryDelay), "above zero");
        Require(QueryMessageLimit is > 0 and <= 10_000, nameof(QueryMessageLimit), "between 1 and 10000");
        Require(MessageDeliveryTimeout > TimeSpan.Zero, nameof(MessageDeliveryTimeout), "above zero");
        Require(LongestBackOff > TimeSpan.Zero, nameof(LongestBackOff), "above zero");

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new OutboxOptions<TDb>(DuplicateDetectionWindow, QueryDelay, QueryMessageLimit, MessageDeliveryTimeout, LongestBackOff, _usesNotifications));
        services.TryAddSingleton<OutboxSignal<TDb>>();
        services.TryAddSingleton<OutboxNotifications<TDb>>();
        services.TryAddSingleton<OutboxDelivery<TDb>>();
        services.TryAddScoped<IOutboxContextFactory<TDb>, PostgresOutboxContextFactory<TDb>>();
        if (_usesBusOutbox)
            services.Replace(ServiceDescriptor.Scoped<IScopedBusContextProvider<IBus>, PostgresScopedBusContextProvider<TDb>>());
        if (_delivers)
            services.AddHostedService<OutboxDeliveryService<TDb>>();
        else if (_usesNotifications)
            services.AddHostedService<OutboxCallService<TDb>>();
        if (_cleansUp)
            services.AddHostedService<InboxCleanupService<TDb>>();
    }

    static void Require(bool condition, string option, string rule)
    {
        if (!condition)
            throw new ConfigurationException($"{option} of the outbox must be {rule}.");
    }
}
