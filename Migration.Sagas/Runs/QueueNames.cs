namespace Migration.Sagas.Runs;

/// <summary>The queues of the run engine. Control-plane queues stand apart from work queues, so that no backlog delays a cancel.</summary>
public static class QueueNames
{
    /// <summary>The run sagas.</summary>
    public const string Runs = "migration-runs";

    /// <summary>Counts, one a run.</summary>
    public const string Counts = "migration-counts";

    /// <summary>Telemetry and audit events of sagas, sent after their commit.</summary>
    public const string Notices = "migration-notices";

    public static string Pages(string domain) => domain + "-migration-pages";
    public static string Entities(string domain) => domain + "-migration-entities";
    public static string Mappings(string domain) => domain + "-migration-mappings";

    /// <summary>The work queues of a domain.</summary>
    public static IEnumerable<string> Of(string domain) => [Pages(domain), Entities(domain), Mappings(domain)];

    public static string DeadLetters(string queue) => queue + "-dlq";

    public static Uri Address(string queue) => new("queue:" + queue);
}
