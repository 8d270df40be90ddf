using Amazon;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Migration.Tests.Transport;

public class Host_Specs : TransportFixture
{
    [Test]
    public async Task Should_put_the_scope_before_every_queue()
    {
        var received = new TaskCompletionSource<Uri?>();
        var bus = await StartBus(cfg =>
        {
            cfg.Host("eu-west-2", h =>
            {
                h.AccessKey("x");
                h.SecretKey("y");
                h.Scope("blue", scopeTopics: true);
                h.Config(ClientConfig());
            });
            cfg.ReceiveEndpoint("work", e =>
            {
                e.UseNativeDeadLetterQueue(3);
                e.Handler<Named>(x =>
                {
                    received.TrySetResult(x.DestinationAddress);
                    return Task.CompletedTask;
                });
            });
        });

        await bus.Control.Publish(new Named("x"));

        await received.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { "blue_work", "blue_work-dlq" }));
        Assert.That(bus.Control.Address.ToString(), Does.StartWith("amazonsqs://eu-west-2/blue/"));
    }

    [Test]
    public async Task Should_use_the_SDK_configuration_as_it_is_given()
    {
        var requests = 0;
        var bus = await StartBus(cfg => cfg.Host("eu-west-2", h =>
        {
            h.AccessKey("x");
            h.SecretKey("y");
            var config = ClientConfig();
            config.HttpClientFactory = new CountingFactory(() => Interlocked.Increment(ref requests));
            h.Config(config);
        }));

        await bus.Send("work", new Ping(1));

        Assert.That(requests, Is.GreaterThanOrEqualTo(3), "find, create, send");
    }

    [Test]
    public void Should_take_region_and_credentials_from_where_the_SDK_finds_them()
    {
        var bus = Bus.Factory.CreateUsingAmazonSqs(cfg => cfg.UseDefaultHost(RegionEndpoint.EUWest1));

        Assert.That(bus.Address.Host, Is.EqualTo("eu-west-1"));
    }

    [Test]
    public void Should_know_where_a_local_endpoint_listens()
    {
        var bus = Bus.Factory.CreateUsingAmazonSqs(cfg => cfg.LocalstackHost());

        Assert.That(bus.Address.Host, Is.EqualTo("localhost"));
    }

    [Test]
    public async Task Should_make_a_bus_without_a_container()
    {
        var received = new TaskCompletionSource<int>();
        var bus = Bus.Factory.CreateUsingAmazonSqs(cfg =>
        {
            UseServer(cfg);
            cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(x =>
            {
                received.TrySetResult(x.Message.Number);
                return Task.CompletedTask;
            }));
        });
        await bus.StartAsync();
        try
        {
            await bus.Publish(new Ping(7));

            Assert.That(await received.Task.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo(7));
        }
        finally
        {
            await bus.StopAsync();
        }
    }

    [Test]
    public void Should_say_what_is_missing_when_no_host_is_configured() =>
        Assert.That(() => Bus.Factory.CreateUsingAmazonSqs(_ => { }), Throws.InstanceOf<ConfigurationException>().With.Message.Contains("Host"));

    [Test]
    public async Task Should_run_two_buses_in_one_process()
    {
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMassTransit(x => x.UsingAmazonSqs((_, cfg) =>
        {
            UseServer(cfg, "first");
            cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ => Done(first)));
        }));
        services.AddMassTransit<ISecondBus>(x => x.UsingAmazonSqs((_, cfg) =>
        {
            UseServer(cfg, "second");
            cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(_ => Done(second)));
        }));
        var bus = Keep(services);
        await bus.Services.GetRequiredService<IBusDepot>().Start(CancellationToken.None);

        await bus.Services.GetRequiredService<ISecondBus>().Publish(new Ping(1));
        await second.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(first.Task.IsCompleted, Is.False, "the buses know nothing of each other");
        await bus.Control.Publish(new Ping(2));
        await first.Task.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { "first_work", "second_work" }));
        await bus.Services.GetRequiredService<IBusDepot>().Stop(CancellationToken.None);

        static Task Done(TaskCompletionSource source)
        {
            source.TrySetResult();
            return Task.CompletedTask;
        }
    }

    [Test]
    public void Should_offer_the_names_of_the_official_package()
    {
        var bus = OfficialNames.CreateBus(ClientConfig());

        Assert.That(bus.Address.ToString(), Is.EqualTo("amazonsqs://eu-west-2/blue/responses?temporary=true"));
        Assert.That(OfficialNames.CreateBus(new Uri("amazonsqs://eu-west-1/green")).Address.ToString(), Does.StartWith("amazonsqs://eu-west-1/green/temporary_bus_"));
    }

    [Test]
    public void Should_take_the_host_from_options_when_none_is_configured()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        OfficialNames.AddBus(services);

        Assert.That(Keep(services).Control.Address.ToString(), Does.StartWith("amazonsqs://eu-west-2/blue/"));
    }

    [Test]
    public async Task Should_take_the_host_from_configuration_unless_one_is_configured()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Sqs:Region"] = "eu-west-1", ["Sqs:Scope"] = "green" }).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddOptions<AmazonSqsTransportOptions>().BindConfiguration("Sqs");
        services.AddOptions<AmazonSqsTransportOptions>(nameof(ISecondBus)).Configure(x => x.Region = "eu-west-3");
        services.AddMassTransit(x => x.UsingAmazonSqs());
        services.AddMassTransit<ISecondBus>(x => x.UsingAmazonSqs());
        var bus = Keep(services);

        Assert.That(bus.Control.Address.ToString(), Does.StartWith("amazonsqs://eu-west-1/green/"));
        Assert.That(bus.Services.GetRequiredService<ISecondBus>().Address.ToString(), Does.StartWith("amazonsqs://eu-west-3/temporary_"));

        var configured = CreateBus((_, _) => { }, x => x.Configure<AmazonSqsTransportOptions>(o => o.Region = "eu-west-1"));
        await configured.Send("work", new Ping(1));
        Assert.That(configured.Control.Address.Host, Is.EqualTo("eu-west-2"), "the callback's host counts");
    }

    [Test]
    public void Should_switch_usage_telemetry_off()
    {
        var bus = CreateBus((_, _) => { });

        Assert.That(bus.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled, Is.False);
    }

    public interface ISecondBus : IBus;

    sealed class CountingFactory(Action count) : Amazon.Runtime.HttpClientFactory
    {
        public override HttpClient CreateHttpClient(Amazon.Runtime.IClientConfig clientConfig) => new(new CountingHandler(count));

        sealed class CountingHandler(Action count) : DelegatingHandler(new SocketsHttpHandler())
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                count();
                return base.SendAsync(request, cancellationToken);
            }
        }
    }
}
