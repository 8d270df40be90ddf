using System.Text.RegularExpressions;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Architecture;

/// <summary>docs/guarantees.md names specs; each of them exists.</summary>
public partial class Guarantees_Specs
{
    [Test]
    public void Should_be_kept_by_specs_that_exist()
    {
        var named = SpecName().Matches(File.ReadAllText(Repository.PathOf("docs", "guarantees.md"))).Select(x => x.Value).Distinct().ToArray();
        Assert.That(named, Has.Length.GreaterThan(50));

        var specs = typeof(Guarantees_Specs).Assembly.GetTypes().SelectMany(type => type.GetMethods().Select(method => $"{type.Name}.{method.Name}"));
        Assert.That(named.Except(specs), Is.Empty);
    }

    [GeneratedRegex(@"\w+_Specs\.Should_\w+", RegexOptions.NonBacktracking)]
    private static partial Regex SpecName();
}
