namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>A message that a consumer has consumed. The row commits with the consumer's work, so a second delivery finds it and is skipped.</summary>
public sealed class InboxState
{
    /// <summary>The envelope's id, not the transport's.</summary>
    public Guid MessageId { get; set; }

    /// <summary>Derived from the endpoint, the consumer's type and the message's type.</summary>
    public Guid ConsumerId { get; set; }

    /// <summary>When it was consumed, by the database's clock. UTC.</summary>
    public DateTime ReceivedAt { get; set; }
}
