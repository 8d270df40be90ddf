namespace Migration.Simulator;

/// <summary>Names of the simulated upstreams, as in paths, faults and counts.</summary>
public static class Upstream
{
    public const string Nomis = "nomis";
    public const string Mapping = "mapping";
    public const string Visits = "visits";
    public const string Auth = "auth";
}

/// <summary>Names of the simulated operations, as in counts and interceptors.</summary>
public static class Operations
{
    public const string GetVisitIds = "get-visit-ids";
    public const string GetVisit = "get-visit";
    public const string GetRoomUsage = "get-room-usage";
    public const string FindVisitMapping = "find-visit-mapping";
    public const string CreateVisitMapping = "create-visit-mapping";
    public const string CountVisitMappings = "count-visit-mappings";
    public const string FindRoomMapping = "find-room-mapping";
    public const string MigrateVisit = "migrate-visit";
    public const string IssueToken = "issue-token";
    public const string GetKeys = "get-keys";
    public const string Ping = "ping";
}
