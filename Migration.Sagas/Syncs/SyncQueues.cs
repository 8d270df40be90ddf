namespace Migration.Sagas.Syncs;

/// <summary>The queues of the sync engine. A domain's events queue is named by configuration, because SNS feeds it.</summary>
public static class SyncQueues
{
    /// <summary>The sync sagas.</summary>
    public const string Syncs = "migration-syncs";

    public static string Pushes(string domain) => domain + "-sync-pushes";
    public static string Mappings(string domain) => domain + "-sync-mappings";

    /// <summary>The step queues of a domain.</summary>
    public static IEnumerable<string> Of(string domain) => [Pushes(domain), Mappings(domain)];
}
