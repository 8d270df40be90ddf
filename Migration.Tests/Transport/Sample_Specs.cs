using Amazon.Runtime;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Migration.Tests.Infrastructure;
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
    public void Should_stand_in_the_README_as_it_is_compiled_here() =>
        Readme.AssertShows("lib/AmazonSqsTransport/README.md", "Migration.Tests/Transport/Sample.cs");
}
