using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migration.Tests.Infrastructure;
using Migration.Tests.SagaPersistence.Sample;

namespace Migration.Tests.SagaPersistence;

/// <summary>The sample of the README.</summary>
public class Sample_Specs
{
    [Test]
    public async Task Should_work()
    {
        Seen<OrderAccepted> accepted = new();
        var connectionString = await TestPostgres.CreateDatabaseAsync();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        builder.Services.AddSingleton(accepted);
        builder.Services.AddOrders(connectionString, x =>
        {
            x.DisableUsageTelemetry();
            x.AddConsumer<Recorder<OrderAccepted>>();
            x.UsingInMemory((context, cfg) => cfg.ConfigureEndpoints(context));
        });
        using var host = builder.Build();
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrderDbContext>();
        await db.Database.EnsureCreatedAsync();
        await host.StartAsync();
        var order = Guid.NewGuid();

        await Orders.SubmitAsync(order, db, scope.ServiceProvider.GetRequiredService<IPublishEndpoint>(), CancellationToken.None);
        await Orders.SubmitAsync(order, db, scope.ServiceProvider.GetRequiredService<IPublishEndpoint>(), CancellationToken.None);

        await Eventually.IsTrue(() => accepted.Count > 0);
        await Eventually.IsTrue(async () => (await db.GetOutboxBacklogAsync()).Messages == 0 && await db.Set<MassTransit.EntityFrameworkCoreIntegration.InboxState>().CountAsync() == 3);
        Assert.That(accepted.Messages.Select(x => x.OrderId), Is.EqualTo(new[] { order }));
        Assert.That((await db.Set<Order>().SingleAsync()).CurrentState, Is.EqualTo("Accepted"));
        await host.StopAsync();
    }

    [Test]
    public void Should_stand_in_the_README_as_it_is_compiled_here() =>
        Readme.AssertShows("lib/EntityFrameworkCoreIntegration/README.md", "Migration.Tests/SagaPersistence/Sample.cs");
}
