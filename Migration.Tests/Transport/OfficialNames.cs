using Amazon;
using Amazon.Runtime;
using Amazon.SQS;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.Transport;

/// <summary>
/// Every name of <c>MassTransit.AmazonSQS</c> that the stand-in offers, and none of its own: this file compiles against either. It is the list of what
/// an application may use if the official package is to take the stand-in's place without a change.
/// </summary>
static class OfficialNames
{
    public static IBusControl CreateBus(AmazonSQSConfig config) => Bus.Factory.CreateUsingAmazonSqs(cfg =>
    {
        cfg.Host("eu-west-2", h =>
        {
            h.AccessKey("key");
            h.SecretKey("secret");
            h.Credentials(new BasicAWSCredentials("key", "secret"));
            h.Config(config);
            h.Scope("blue", scopeTopics: true);
        });
        cfg.OverrideDefaultBusEndpointQueueName("responses");
        cfg.Publish<Named>();
        cfg.UseDelayedMessageScheduler();
        cfg.ReceiveEndpoint("work", Configure);
        cfg.ReceiveEndpoint(Configure);
        cfg.ReceiveEndpoint(new TemporaryEndpointDefinition(), Configure);
    });

    public static IBusControl CreateBus(Uri address) => AmazonSqsBusFactory.Create(cfg => cfg.Host(address, h => h.AccessKey("key")));

    public static void UseHosts(IAmazonSqsBusFactoryConfigurator cfg)
    {
        cfg.LocalstackHost();
        cfg.UseDefaultHost();
        cfg.UseDefaultHost(RegionEndpoint.EUWest2, h => h.Scope("blue"));
    }

    public static void AddBus(IServiceCollection services)
    {
        services.AddOptions<AmazonSqsTransportOptions>().Configure(x =>
        {
            x.Region = "eu-west-2";
            x.Scope = "blue";
            x.AccessKey = "key";
            x.SecretKey = "secret";
        });
        services.AddMassTransit(x => x.UsingAmazonSqs((context, cfg) => cfg.ConfigureEndpoints(context)));
    }

    static void Configure(IAmazonSqsReceiveEndpointConfigurator e)
    {
        e.WaitTimeSeconds = 20;
        e.PrefetchCount = 100;
        e.ConcurrentMessageLimit = 64;
        e.Durable = true;
        e.AutoDelete = true;
        e.PurgeOnStartup = false;
        e.QueueAttributes["VisibilityTimeout"] = 60;
        e.QueueTags["team"] = "sync";
        e.RedeliverVisibilityTimeout = 5;
        e.MaxVisibilityTimeout = TimeSpan.FromHours(1);
        e.MaxVisibilityTimeoutRenewal = 120;
        e.ConfigureConsumeTopology = false;
        e.Subscribe<Named>();
        e.UseRawJsonDeserializer();
        e.RethrowFaultedMessages();
        e.ThrowOnSkippedMessages();
    }
}
