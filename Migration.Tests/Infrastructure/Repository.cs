namespace Migration.Tests.Infrastructure;

/// <summary>The checkout in which the tests run.</summary>
static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>A file's path from the root's.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Migration.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("There is no Migration.sln above the tests.");
    }
}
