using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migration.Sagas.Domains;
using Migration.Sagas.Notices;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Steps;
using Migration.Sagas.Runs.Sweeping;
using Migration.Sagas.Telemetry;
using Moq;

namespace Migration.Tests.Engine;

/// <summary>
/// The run sagas with their repository, inbox and outbox, over MassTransit's in-memory transport, as the service registers
/// them; with or without the steps. Without, a test carries the work itself.
/// </summary>
public sealed class RunHost : IAsyncDisposable
{
    readonly IHost _host;

    RunHost(IHost host) => _host = host;

    public static async Task<RunHost> StartAsync(string connectionString, bool hasSteps, params IMigrationDomain[] domains)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        builder.Services.AddRunEngine(new ConfigurationBuilder().Build(), connectionString + ";Application Name=sagas");
        builder.Services.Configure<EngineOptions>(x =>
        {
            x.WatchEvery = TimeSpan.FromMilliseconds(20);
            x.CheckEvery = TimeSpan.FromMilliseconds(200);
            // what a test sweeps itself
            x.SweepEvery = hasSteps ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromHours(1);
            x.SenderGrace = hasSteps ? TimeSpan.FromSeconds(1) : TimeSpan.FromHours(1);
        });
        builder.Services.AddSingleton(Mock.Of<ITelemetry>());
        builder.Services.AddSingleton(Mock.Of<IAuditQueue>());
        builder.Services.AddSingleton(Mock.Of<IQueueDepths>());
        foreach (var domain in domains)
            builder.Services.AddSingleton(domain);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRunSagas();
            bus.UsingInMemory((context, cfg) =>
            {
                cfg.ReceiveEndpoint(QueueNames.Runs, e =>
                {
                    e.UseMessageRetry(x => x.Immediate(5)); // a transition that fails comes back, as from SQS
                    e.UseEntityFrameworkOutbox<MigrationDbContext>(context);
                    e.ConfigureSaga<Run>(context);
                });
                if (!hasSteps)
                    return;
                cfg.ReceiveEndpoint(QueueNames.Counts, e => e.ConfigureConsumer<EstimateCountConsumer>(context));
                foreach (var domain in domains)
                {
                    cfg.ReceiveEndpoint(QueueNames.Pages(domain.Name), e => Step<FetchPageConsumer>(e, context));
                    cfg.ReceiveEndpoint(QueueNames.Entities(domain.Name), e => Step<MigrateEntityConsumer>(e, context));
                    cfg.ReceiveEndpoint(QueueNames.Mappings(domain.Name), e => Step<WriteMappingConsumer>(e, context));
                }
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        return new RunHost(host);

        static void Step<T>(IReceiveEndpointConfigurator endpoint, IRegistrationContext context) where T : class, IConsumer
        {
            endpoint.ConcurrentMessageLimit = 16;
            endpoint.UseMessageRetry(x => x.Immediate(5));
            endpoint.ConfigureConsumer<T>(context);
        }
    }

    /// <summary>To the run sagas.</summary>
    public async Task SendAsync<T>(T message) where T : class
    {
        var runs = await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(QueueNames.Address(QueueNames.Runs));
        await runs.Send(message);
    }

    /// <summary>As the start request does it.</summary>
    public async Task<Run> StartRunAsync(IMigrationDomain domain)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RunStarter>().StartAsync(domain, "{}", "test", CancellationToken.None);
    }

    public RunQueries Queries => _host.Services.GetRequiredService<RunQueries>();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
