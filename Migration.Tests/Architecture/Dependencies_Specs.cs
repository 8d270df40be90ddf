using System.Reflection;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.Loader;
using ArchUnitNET.NUnit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Assembly = System.Reflection.Assembly;

namespace Migration.Tests.Architecture;

/// <summary>The arrows of docs/architecture.md.</summary>
public class Dependencies_Specs
{
    static readonly Assembly Contracts = typeof(Migration.Contracts.MigrationType).Assembly;
    static readonly Assembly Clients = typeof(Migration.Clients.MigrationClients).Assembly;
    static readonly Assembly Sagas = typeof(Migration.Sagas.Runs.Run).Assembly;
    static readonly Assembly Api = typeof(Migration.Api.Errors.ErrorBody).Assembly;
    static readonly Assembly Simulator = typeof(Migration.Simulator.Estate).Assembly;
    static readonly Assembly Transport = Assembly.Load("AmazonSqsTransport");
    static readonly Assembly Persistence = Assembly.Load("EntityFrameworkCoreIntegration");

    static readonly ArchUnitNET.Domain.Architecture Code = new ArchLoader().LoadAssemblies(Contracts, Clients, Sagas, Api, Simulator, Transport, Persistence).Build();

    static IEnumerable<TestCaseData> Arrows()
    {
        yield return Case("Contracts know nobody", Contracts, Clients, Sagas, Api, Simulator, Transport, Persistence);
        yield return Case("Clients know contracts only", Clients, Sagas, Api, Simulator, Transport, Persistence);
        yield return Case("Sagas do not know the API", Sagas, Api, Simulator);
        yield return Case("The simulator knows none of the service", Simulator, Contracts, Clients, Sagas, Api, Transport, Persistence);
        yield return Case("The API does not know the simulator", Api, Simulator);
        yield return Case("The transport knows nothing of the service", Transport, Contracts, Clients, Sagas, Api, Simulator, Persistence);
        yield return Case("The saga persistence knows nothing of the service", Persistence, Contracts, Clients, Sagas, Api, Simulator, Transport);

        static TestCaseData Case(string name, Assembly from, params Assembly[] to) => new TestCaseData(from, to).SetName(name);
    }

    [TestCaseSource(nameof(Arrows))]
    public void Should_point_one_way(Assembly from, Assembly[] to)
    {
        var forbidden = from.GetReferencedAssemblies().Select(x => x.Name).Intersect(to.Select(x => x.GetName().Name));

        Assert.That(forbidden, Is.Empty);
    }

    [Test]
    public void Should_keep_the_engine_ignorant_of_every_domain()
    {
        var domains = Sagas.GetTypes().Select(x => x.Namespace).OfType<string>().Where(x => x.StartsWith("Migration.Sagas.Domains.", StringComparison.Ordinal)).Distinct().ToArray();
        Assert.That(domains, Does.Contain("Migration.Sagas.Domains.Visits"));

        foreach (var domain in domains)
        {
            foreach (var engine in (string[])["Runs", "Gates", "Notices", "Persistence", "Telemetry"])
                NoDependency(In($"Migration.Sagas.{engine}"), In(domain)).Check(Code);
        }
    }

    [Test]
    public void Should_see_dependencies_that_there_are() => // or the tests around it would pass whatever the code does
        Assert.That(NoDependency(In("Migration.Sagas.Domains.Visits"), In("Migration.Sagas.Runs")).HasNoViolations(Code), Is.False);

    [Test]
    public void Should_keep_endpoints_of_runs_ignorant_of_every_domain() =>
        NoDependency(In("Migration.Api.Runs"), In("Migration.Sagas.Domains.Visits")).Check(Code);

    [Test]
    public void Should_name_things_by_what_they_are()
    {
        string[] empty = ["Manager", "Helper", "Helpers", "Util", "Utils", "Processor"];
        var named = new[] { Contracts, Clients, Sagas, Api, Simulator, Transport, Persistence, typeof(Dependencies_Specs).Assembly }
            .SelectMany(x => x.GetTypes()).Where(x => x.Namespace?.StartsWith("Microsoft.", StringComparison.Ordinal) != true) // generated into our assemblies
            .Where(x => empty.Any(word => x.Name.EndsWith(word, StringComparison.Ordinal))).Select(x => x.FullName);

        Assert.That(named, Is.Empty);
    }

    static GivenTypesConjunctionWithDescription In(string ns) => Types().That().ResideInNamespaceMatching($"^{System.Text.RegularExpressions.Regex.Escape(ns)}(\\.|$)").As(ns);

    static TypesShouldConjunction NoDependency(IObjectProvider<IType> from, IObjectProvider<IType> to) => Types().That().Are(from).Should().NotDependOnAny(to);
}
