namespace MassTransit;

/// <summary>Names of the measurements of inbox and outbox. All carry the context type's name as <see cref="DbContextTag"/>.</summary>
public static class EntityFrameworkOutboxMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "MassTransit.EntityFrameworkCore";

    /// <summary>Tag of every measurement: the name of the DbContext's type.</summary>
    public const string DbContextTag = "db.context";

    /// <summary>
    /// Rows in the outbox, as last counted. This gauge and the next two are of the table and not of the process: every process that delivers reports the same, every ten
    /// seconds, so take their maximum and not their sum.
    /// </summary>
    public const string MessagesName = "outbox.messages";

    /// <summary>Rows whose last attempt failed.</summary>
    public const string FailingName = "outbox.messages.failing";

    /// <summary>Seconds that the oldest row has waited; zero when there is none.</summary>
    public const string OldestAgeName = "outbox.oldest_age";

    /// <summary>Messages that this process has handed to the transport.</summary>
    public const string DeliveredName = "outbox.delivered";

    /// <summary>Attempts of this process that failed.</summary>
    public const string FailuresName = "outbox.failures";

    /// <summary>Seconds from a row's commit, nearly (its insert), to the transport. Database's clock against this machine's.</summary>
    public const string LagName = "outbox.lag";

    /// <summary>Deliveries that the inbox skipped because the message had been consumed.</summary>
    public const string DuplicatesName = "inbox.duplicates";

    /// <summary>Inbox rows that this process has removed.</summary>
    public const string RemovedName = "inbox.removed";
}
