using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>The outbox of one context type, as configured.</summary>
sealed record OutboxOptions<TDb>(
    TimeSpan DuplicateDetectionWindow,
    TimeSpan QueryDelay,
    int QueryMessageLimit,
    int MessageDeliveryLimit,
    TimeSpan MessageDeliveryTimeout,
    TimeSpan LongestBackOff,
    TimeSpan DegradedAfter,
    bool UsesNotifications)
    where TDb : DbContext;
