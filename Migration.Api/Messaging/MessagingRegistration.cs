using Amazon.SQS;
using MassTransit;
using Migration.Api.Runs;
using Migration.Sagas.Notices;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Sweeping;
using Migration.Sagas.Syncs;
using Migration.Sagas.Syncs.Intake;

namespace Migration.Api.Messaging;

/// <summary>The bus and what else speaks to SQS.</summary>
static class MessagingRegistration
{
    public static IServiceCollection AddMessaging(this IServiceCollection services, IConfiguration configuration)
    {
        var sqs = SqsSettings.From(configuration);
        services.AddSingleton(sqs);
        services.AddSingleton<IAmazonSQS>(_ => sqs.CreateClient());
        services.AddSingleton<IQueueDepths, QueueDepths>();
        services.AddSingleton<IAuditQueue, AuditQueue>();
        services.AddSingleton<IEventDeadLetters, EventDeadLetters>();
        services.AddScoped<StartRequest>();
        services.AddOptions<MassTransitHostOptions>().Configure(x =>
        {
            x.WaitUntilStarted = false; // a broker that is away makes the service unhealthy, not dead
            x.StopTimeout = TimeSpan.FromSeconds(60);
        });
        services.AddOptions<HostOptions>().Configure(x => x.ShutdownTimeout = TimeSpan.FromSeconds(75));
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRunSagas();
            bus.AddSyncSagas();
            bus.UsingAmazonSqs((context, cfg) =>
            {
                cfg.Host(sqs.Region, h =>
                {
                    h.Config(sqs.ClientConfig());
                    if (sqs is { AccessKey: not null, SecretKey: not null })
                    {
                        h.AccessKey(sqs.AccessKey);
                        h.SecretKey(sqs.SecretKey);
                    }
                    if (sqs.QueuePrefix is not null)
                        h.Scope(sqs.QueuePrefix, scopeTopics: true);
                });
                cfg.ConfigureRunEndpoints(context);
                cfg.ConfigureSyncEndpoints(context);
            });
        });
        return services;
    }
}
