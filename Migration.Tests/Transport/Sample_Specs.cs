using Amazon.Runtime;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Migration.Tests.Transport.Sample;

namespace Migration.Tests.Transport;

/// <summary>The sample of the transport's README.</summary>
public class Sample_Specs : TransportFixture
{
    [Test]
    public async Task Should_work()
    {
        var routes = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [typeof(OrderShipped).FullName!] = "reports" }).Build(); // a record has a name
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOrders(routes, h =>
        {
            h.Credentials(new BasicAWSCredentials("x", "y"));
            h.Config(ClientConfig());
        });
        var bus = Keep(services);
        await bus.Control.StartAsync();
        var order = Guid.NewGuid();

        using var scope = bus.Services.CreateScope();
        var response = await scope.ServiceProvider.GetRequiredService<IRequestClient<ShipOrder>>().GetResponse<OrderShipped>(new ShipOrder(order));

        Assert.That(response.Message.OrderId, Is.EqualTo(order));
        Assert.That(DepthOf("reports").Visible, Is.EqualTo(1));
        Assert.That(Broker.Depths.Select(x => x.Name), Has.Member("ship-order").And.Member("ship-order-dlq"));
    }

    [Test]
    public void Should_stand_in_the_README_as_it_is_compiled_here()
    {
        var readme = Lines(Path.Combine(Repository, "lib", "AmazonSqsTransport", "README.md"));
        var sample = Lines(Path.Combine(Repository, "Migration.Tests", "Transport", "Sample.cs")).SkipWhile(x => !x.StartsWith("public", StringComparison.Ordinal)).ToArray();

        Assert.That(sample, Has.Length.GreaterThan(20));
        Assert.That(string.Join('\n', readme), Does.Contain(string.Join('\n', sample)));
    }

    /// <summary>The folder of the checkout in which the tests run.</summary>
    internal static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Migration.sln")))
                folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run in the repository");
            return folder.FullName;
        }
    }

    internal static string[] Lines(string file) => [.. File.ReadLines(file).Where(x => x.Length > 0)];
}
