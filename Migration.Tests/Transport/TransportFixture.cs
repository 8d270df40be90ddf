using Amazon.Runtime;
using Amazon.SQS;
using MassTransit;
using MassTransit.AmazonSqsTransport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Migration.Simulator.Sqs;

namespace Migration.Tests.Transport;

/// <summary>A local SQS endpoint for every test, and buses on it.</summary>
[Parallelizable] // each test has an endpoint of its own, and waits more than it works
public abstract class TransportFixture
{
    readonly List<TestBus> _buses = [];

    protected SqsServer Server { get; private set; } = null!;

    protected SqsBroker Broker { get; private set; } = null!;

    protected AmazonSQSClient Sqs { get; private set; } = null!;

    protected RecordedLog Log { get; private set; } = null!;

    /// <summary>The clock of the endpoint and of the buses.</summary>
    protected virtual TimeProvider Time => TimeProvider.System;

    [SetUp]
    public async Task StartServer()
    {
        Broker = new SqsBroker(Time);
        Server = await SqsServer.StartAsync(Broker);
        Sqs = new AmazonSQSClient(new BasicAWSCredentials("x", "y"), ClientConfig());
        Log = new RecordedLog();
    }

    [TearDown]
    public async Task StopServer()
    {
        Server.Faults.RefuseAll = false;
        foreach (var bus in _buses)
            await bus.DisposeAsync();
        _buses.Clear();
        Sqs.Dispose();
        await Server.DisposeAsync();
        Log.Dispose();
    }

    /// <summary>Stops the server's process, as it were, and gives back what starts it again with the same messages or without any.</summary>
    protected async Task<Func<bool, Task>> TakeServerDown()
    {
        var port = Server.Url.Port;
        await Server.DisposeAsync();
        return async keepMessages =>
        {
            if (!keepMessages)
                Broker.DeleteAllQueues();
            Server = await SqsServer.StartAsync(Broker, port);
        };
    }

    protected async Task<TestBus> StartBus(Action<IAmazonSqsBusFactoryConfigurator> configure, Action<IBusRegistrationConfigurator>? register = null)
    {
        var bus = CreateBus((_, cfg) => configure(cfg), register);
        await bus.Control.StartAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        return bus;
    }

    protected TestBus CreateBus(Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator> configure, Action<IBusRegistrationConfigurator>? register = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(x => x.SetMinimumLevel(LogLevel.Debug).AddProvider(Log));
        services.AddMassTransit(x =>
        {
            register?.Invoke(x);
            x.UsingAmazonSqs((context, cfg) =>
            {
                UseServer(cfg);
                configure(context, cfg);
            });
        });
        return Keep(services);
    }

    /// <summary>A bus whose container the test has filled; it is stopped with the others.</summary>
    protected TestBus Keep(IServiceCollection services)
    {
        var bus = new TestBus(services.BuildServiceProvider(validateScopes: true));
        _buses.Add(bus);
        return bus;
    }

    protected void UseServer(IAmazonSqsBusFactoryConfigurator cfg, string? scope = null)
    {
        cfg.Host(HostSettings(scope));
        cfg.ConnectEndpointConfigurationObserver(new ShortPolls());
    }

    protected SqsQueueDepth DepthOf(string queue) => Broker.Depths.SingleOrDefault(x => x.Name == queue) ?? new SqsQueueDepth(queue, -1, -1, -1);

    protected long RequestsOf(string action) => Broker.Requests.ByAction.GetValueOrDefault(action);

    protected async Task<string> UrlOf(string queue) => (await Sqs.GetQueueUrlAsync(queue)).QueueUrl;

    protected static async Task Eventually(Func<bool> condition, string what, int seconds = 20)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!condition())
        {
            Assert.That(limit.IsCancellationRequested, Is.False, $"never happened: {what}");
            await Task.Delay(10);
        }
    }

    /// <summary>A stop waits for running polls; tests do not want to wait long.</summary>
    sealed class ShortPolls : IEndpointConfigurationObserver
    {
        public void EndpointConfigured<T>(T configurator)
            where T : IReceiveEndpointConfigurator
        {
            if (configurator is IAmazonSqsReceiveEndpointConfigurator sqs)
                sqs.WaitTimeSeconds = 1;
        }
    }

    protected AmazonSqsHostSettings HostSettings(string? scope = null) => new(new AmazonSqsHostAddress("eu-west-2", scope))
    {
        Credentials = new BasicAWSCredentials("x", "y"),
        ClientConfig = ClientConfig(),
        Time = Time
    };

    protected AmazonSQSConfig ClientConfig() => new() { ServiceURL = Server.Url.ToString(), MaxErrorRetry = 1 };
}
