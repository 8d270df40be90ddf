using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Limits;
using Migration.Sagas.Notices;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Sweeping;
using Migration.Sagas.Syncs;
using Migration.Sagas.Syncs.Intake;
using Migration.Sagas.Syncs.Steps;
using Migration.Sagas.Telemetry;
using Moq;

namespace Migration.Tests.Syncs;

/// <summary>
/// The sync sagas with their repository, inbox and outbox over MassTransit's in-memory transport, as the service registers them,
/// with their steps. A test may keep the steps away, and deliver what was sent to them itself.
/// </summary>
public sealed class SyncHost : IAsyncDisposable
{
    readonly IHost _host;

    SyncHost(IHost host) => _host = host;

    /// <summary>What was told, oldest first.</summary>
    public ConcurrentQueue<TelemetryEvent> Told { get; } = new();

    /// <summary>How often a message is delivered to its saga; 0 loses it. Asked before the delivery, which may wait for it.</summary>
    public Func<object, Task<int>> Deliveries { get; set; } = _ => Task.FromResult(1);

    /// <summary>What the sagas have heard, oldest first.</summary>
    public ConcurrentQueue<object> Heard { get; } = new();

    /// <summary>Messages to steps, for a host that has none.</summary>
    public ConcurrentQueue<object> ToSteps { get; } = new();

    public static async Task<SyncHost> StartAsync(string connectionString, ISyncDomain domain, SyncOptions options, bool hasSteps = true, bool isSweeping = true)
    {
        SyncHost? self = null;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        var configuration = new ConfigurationBuilder().Build();
        builder.Services.AddRunEngine(configuration, connectionString + ";Application Name=syncs");
        builder.Services.AddSyncEngine(configuration);
        builder.Services.Configure<EngineOptions>(x =>
        {
            x.SweepEvery = isSweeping ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromHours(1);
            x.WatchEvery = TimeSpan.FromHours(1);
            x.SettleTime = TimeSpan.FromMinutes(3);
        });
        foreach (var property in typeof(SyncOptions).GetProperties().Where(x => x.CanWrite))
            builder.Services.Configure<SyncOptions>(x => property.SetValue(x, property.GetValue(options)));
        var telemetry = new Mock<ITelemetry>();
        telemetry.Setup(x => x.Track(It.IsAny<TelemetryEvent>())).Callback((TelemetryEvent x) => self!.Told.Enqueue(x)); // set before the host starts
        builder.Services.AddSingleton(telemetry.Object);
        builder.Services.AddSingleton(Mock.Of<IAuditQueue>());
        builder.Services.AddSingleton(Mock.Of<IQueueDepths>());
        builder.Services.AddSingleton(Mock.Of<IEventDeadLetters>());
        builder.Services.AddSingleton(domain);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRunSagas();
            bus.AddSyncSagas();
            bus.UsingInMemory((context, cfg) =>
            {
                cfg.ReceiveEndpoint(SyncQueues.Syncs, e =>
                {
                    e.ConcurrentMessageLimit = 16;
                    e.UseMessageRetry(x => x.Immediate(5));
                    e.UseFilter(new SagaDeliveries(x => self!.Deliveries(x), x => self!.Heard.Enqueue(x))); // set before the host starts
                    SyncEngine.ConfigureSagas(e, context);
                });
                cfg.ReceiveEndpoint(QueueNames.Notices, e => e.ConfigureConsumer<NoticeConsumer>(context));
                cfg.ReceiveEndpoint(SyncQueues.Pushes(domain.Name), e => Step(e, x => x.ConfigureConsumer<PushChangeConsumer>(context)));
                cfg.ReceiveEndpoint(SyncQueues.Mappings(domain.Name), e => Step(e, x => SyncEngine.ConfigureMappings(x, context)));
            });

            void Step(IReceiveEndpointConfigurator endpoint, Action<IReceiveEndpointConfigurator> configure)
            {
                endpoint.ConcurrentMessageLimit = 16;
                if (hasSteps)
                {
                    endpoint.UseMessageRetry(x => x.Immediate(10));
                    configure(endpoint);
                    return;
                }
                endpoint.Handler<PushChange>(x => Keep(x.Message));
                endpoint.Handler<WriteSyncMapping>(x => Keep(x.Message));
                endpoint.Handler<CompensateDuplicate>(x => Keep(x.Message));
            }

            Task Keep(object message)
            {
                self!.ToSteps.Enqueue(message); // set before the host starts
                return Task.CompletedTask;
            }
        });
        self = new SyncHost(builder.Build());
        await self._host.StartAsync();
        return self;
    }

    /// <summary>To the sync sagas.</summary>
    public async Task SendAsync(object message)
    {
        var syncs = await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(QueueNames.Address(SyncQueues.Syncs));
        await syncs.Send(message);
    }

    /// <summary>A step's message comes, once more or at last.</summary>
    public async Task SendStepAsync(object message)
    {
        var queue = message is PushChange ? SyncQueues.Pushes(FakeSyncDomain.Things) : SyncQueues.Mappings(FakeSyncDomain.Things);
        await (await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(QueueNames.Address(queue))).Send(message);
    }

    /// <summary>The body of an event as it lies on its queue.</summary>
    public Task<bool> TakeEventAsync(ISyncDomain domain, string body) =>
        _host.Services.GetRequiredService<EventIntake>().TakeAsync(domain, body, Guid.NewGuid(), _host.Services.GetRequiredService<IBus>(), CancellationToken.None);

    /// <summary>An event is taken in; returns the sync's id.</summary>
    public async Task<Guid> RequestAsync(SyncChange change, Guid? id = null)
    {
        var syncId = id ?? Guid.NewGuid();
        await SendAsync(new SyncRequested(syncId, FakeSyncDomain.Things, change));
        return syncId;
    }

    /// <summary>An event comes to the intake, which may end it there; returns the sync's id.</summary>
    public async Task<Guid> TakeInAsync(SyncChange change)
    {
        var syncId = Guid.NewGuid();
        if (!await _host.Services.GetRequiredService<CoveredEvents>().TryEndAsync(syncId, FakeSyncDomain.Things, change, CancellationToken.None))
            await RequestAsync(change, syncId);
        return syncId;
    }

    public UpstreamLimits Limits => _host.Services.GetRequiredService<UpstreamLimits>();

    public SyncQueries Queries => _host.Services.GetRequiredService<SyncQueries>();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
