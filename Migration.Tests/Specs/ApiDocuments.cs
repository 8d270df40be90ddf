using Migration.Tests.Infrastructure;

namespace Migration.Tests.Specs;

/// <summary>Our API documents, and the real ones where this machine has them.</summary>
internal static class ApiDocuments
{
    private static readonly Dictionary<string, string> RealNames = new()
    {
        ["nomis-prisoner-api.json"] = "nomis-prisoner-api-docs.json",
        ["nomis-mapping-service.json"] = "nomis-mapping-service-api-docs.json",
        ["sentencing-adjustments.json"] = "sentencing-adjustments-api-docs.json",
        ["prisoner-finance.json"] = "finance-api-docs.json",
    };

    public static IEnumerable<string> Ours => Directory.GetFiles(Repository.PathOf("specs"), "*.json").Select(path => Path.GetFileName(path)).Order();

    /// <summary>
    /// Those that can be held against a real one: from the folder that MIGRATION_OPENAPI names,
    /// else from shared/openapi next to the repository, else none.
    /// </summary>
    public static IEnumerable<string> OursWithRealOnes => Ours.Where(name => RealPathOf(name) is not null);

    public static string PathOf(string name) => Repository.PathOf("specs", name);

    public static string? RealPathOf(string name)
    {
        if (!RealNames.TryGetValue(name, out var realName))
            return null;
        var folder = Environment.GetEnvironmentVariable("MIGRATION_OPENAPI") ?? Repository.PathOf("..", "shared", "openapi");
        var path = Path.Combine(folder, realName);
        return File.Exists(path) ? path : null;
    }
}
