using MassTransit.DependencyInjection;
using MassTransit.EntityFrameworkCoreIntegration;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.Configuration;

/// <summary>Collects what the application wants, and registers it.</summary>
sealed class EntityFrameworkOutboxConfigurator : IEntityFrameworkOutboxConfigurator, IEntityFrameworkBusOutboxConfigurator
{
    static readonly string[] HealthTags = ["ready", "masstransit"];

    bool _usesBusOutbox;
    bool _delivers = true;
    bool _cleansUp = true;
    bool _usesNotifications = true;

    public TimeSpan DuplicateDetectionWindow { get; set; } = TimeSpan.FromMinutes(30);

    public TimeSpan QueryDelay { get; set; } = TimeSpan.FromSeconds(1);

    public int QueryMessageLimit { get; set; } = 100;

    public int MessageDeliveryLimit { get; set; } = 100;

    public TimeSpan MessageDeliveryTimeout { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan DegradedAfter { get; set; } = TimeSpan.FromMinutes(5);

    public IEntityFrameworkOutboxConfigurator UsePostgres() => this;

    public void UseBusOutbox(Action<IEntityFrameworkBusOutboxConfigurator>? configure = null)
    {
        _usesBusOutbox = true;
        configure?.Invoke(this);
    }

    public void DisableDeliveryService() => _delivers = false;

    public void DisableInboxCleanupService() => _cleansUp = false;

    public void DisableNotifications() => _usesNotifications = false;

    public void Register<TDb>(IBusRegistrationConfigurator services)
        where TDb : DbContext
    {
        Require(DuplicateDetectionWindow > TimeSpan.Zero, nameof(DuplicateDetectionWindow), "above zero");
        Require(QueryDelay > TimeSpan.Zero, nameof(QueryDelay), "above zero");
        Require(QueryMessageLimit is > 0 and <= 10_000, nameof(QueryMessageLimit), "between 1 and 10000");
        Require(MessageDeliveryLimit > 0, nameof(MessageDeliveryLimit), "above zero");
        Require(MessageDeliveryTimeout > TimeSpan.Zero, nameof(MessageDeliveryTimeout), "above zero");
        Require(LongestBackOff > TimeSpan.Zero, nameof(LongestBackOff), "above zero");
        Require(DegradedAfter > TimeSpan.Zero, nameof(DegradedAfter), "above zero");

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new OutboxOptions<TDb>(DuplicateDetectionWindow, QueryDelay, QueryMessageLimit, MessageDeliveryLimit, MessageDeliveryTimeout, LongestBackOff, DegradedAfter, _usesNotifications));
        services.TryAddSingleton<OutboxMetrics<TDb>>();
        services.TryAddSingleton<OutboxSignal<TDb>>();
        services.TryAddSingleton<OutboxNotifications<TDb>>();
        services.TryAddSingleton<OutboxDelivery<TDb>>();
        services.TryAddScoped<IOutboxContextFactory<TDb>, PostgresOutboxContextFactory<TDb>>();
        services.AddHealthChecks().Add(new HealthCheckRegistration($"outbox-{typeof(TDb).Name}", x => ActivatorUtilities.CreateInstance<OutboxHealthCheck<TDb>>(x), HealthStatus.Unhealthy, HealthTags));
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
