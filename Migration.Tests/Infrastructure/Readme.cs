namespace Migration.Tests.Infrastructure;

/// <summary>A README of ours, whose sample is compiled with the tests.</summary>
static class Readme
{
    /// <param name="readme">Its path from the repository's root.</param>
    /// <param name="sample">The path of the sample's source file; what stands above its first public type is left out.</param>
    public static void AssertShows(string readme, string sample)
    {
        var shown = Lines(readme);
        var compiled = Lines(sample).SkipWhile(x => !x.StartsWith("public", StringComparison.Ordinal)).ToArray();

        Assert.That(compiled, Has.Length.GreaterThan(20));
        Assert.That(string.Join('\n', shown), Does.Contain(string.Join('\n', compiled)));
    }

    static IEnumerable<string> Lines(string path) => File.ReadLines(Repository.PathOf(path)).Where(x => x.Length > 0);
}
