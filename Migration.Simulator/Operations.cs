namespace Migration.Simulator;

/// <summary>Names of the simulated upstreams, as in paths, faults and counts.</summary>
public static class Upstream
{
    public const string Nomis = "nomis";
    public const string Mapping = "mapping";
    public const string Visits = "visits";
    public const string Sentencing = "sentencing";
    public const string Finance = "finance";
    public const string Auth = "auth";

    public static readonly IReadOnlyList<string> All = [Nomis, Mapping, Visits, Sentencing, Finance, Auth];
}

/// <summary>Names of the simulated operations, as in counts and interceptors.</summary>
public static class Operations
{
    public const string GetVisitIds = "get-visit-ids";
    public const string GetVisit = "get-visit";
    public const string GetRoomUsage = "get-room-usage";
    public const string GetSentenceAdjustment = "get-sentence-adjustment";
    public const string GetKeyDateAdjustment = "get-key-date-adjustment";
    public const string GetBookingAdjustments = "get-booking-adjustments";
    public const string GetPrisonerNumbers = "get-prisoner-numbers";
    public const string GetBookingIds = "get-booking-ids";
    public const string GetTransaction = "get-transaction";
    public const string GetGeneralLedger = "get-general-ledger";
    public const string FindVisitMapping = "find-visit-mapping";
    public const string CreateVisitMapping = "create-visit-mapping";
    public const string CountVisitMappings = "count-visit-mappings";
    public const string FindRoomMapping = "find-room-mapping";
    public const string FindAdjustmentMapping = "find-adjustment-mapping";
    public const string FindAdjustmentMappingByDpsId = "find-adjustment-mapping-by-dps-id";
    public const string CreateAdjustmentMapping = "create-adjustment-mapping";
    public const string DeleteAdjustmentMapping = "delete-adjustment-mapping";
    public const string CountAdjustmentMappings = "count-adjustment-mappings";
    public const string FindTransactionMapping = "find-transaction-mapping";
    public const string FindTransactionMappingByDpsId = "find-transaction-mapping-by-dps-id";
    public const string CreateTransactionMapping = "create-transaction-mapping";
    public const string MigrateVisit = "migrate-visit";
    public const string CancelVisit = "cancel-visit";
    public const string CreateAdjustment = "create-adjustment";
    public const string MigrateAdjustment = "migrate-adjustment";
    public const string GetAdjustment = "get-adjustment";
    public const string UpdateAdjustment = "update-adjustment";
    public const string DeleteAdjustment = "delete-adjustment";
    public const string SyncTransaction = "sync-transaction";
    public const string IssueToken = "issue-token";
    public const string GetKeys = "get-keys";
    public const string Ping = "ping";
}
