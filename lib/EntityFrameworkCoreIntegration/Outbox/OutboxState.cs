namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>A process that delivers the outbox: who is at it, and when it was last seen doing so. For people; delivery itself does not read it.</summary>
public sealed class OutboxState
{
    /// <summary>One start of one process.</summary>
    public Guid DelivererId { get; set; }

    /// <summary>Machine (pod) and process id.</summary>
    public string Host { get; set; } = "";

    /// <summary>When it began. UTC.</summary>
    public DateTime StartedAt { get; set; }

    /// <summary>When it last looked for messages; written every ten seconds or so. UTC.</summary>
    public DateTime SeenAt { get; set; }

    /// <summary>Messages handed to the transport.</summary>
    public long Delivered { get; set; }

    /// <summary>Attempts that failed.</summary>
    public long Failed { get; set; }
}
