using System.Globalization;
using Amazon.Runtime;
using Amazon.SQS;
using MassTransit;

namespace Migration.Tests.Transport;

/// <summary>A bus as a process of its own, for tests that kill it or give it an environment: <c>dotnet Migration.Tests.dll</c>.</summary>
static class TransportProcess
{
    public const string Consume = "consume";
    public const string Holds = "holds";
    public const int EndsEvery = 11;
    public const string SendByDefaultHost = "send-by-default-host";

    public static async Task<int> Main(string[] args)
    {
        if (args is [SagaPersistence.PersistenceProcess.Mode, var sqs, var database])
        {
            await SagaPersistence.PersistenceProcess.RunUntilKilledAsync(sqs, database);
            return 0;
        }
        if (args is not [var mode, var url])
            return 2;
        if (mode == Consume)
            await ConsumeUntilKilledAsync(url);
        else
            await SendAsync(url);
        return 0;
    }

    /// <summary>
    /// Begins when it is told to. Has as many messages in hand as it may, and tells of each: one in <see cref="EndsEvery" /> ends, the others go on for ever.
    /// </summary>
    static async Task ConsumeUntilKilledAsync(string url)
    {
        await Console.In.ReadLineAsync();
        var bus = Bus.Factory.CreateUsingAmazonSqs(cfg =>
        {
            cfg.Host("eu-west-2", h =>
            {
                h.Credentials(new BasicAWSCredentials("x", "y"));
                h.Config(new AmazonSQSConfig { ServiceURL = url });
            });
            cfg.ReceiveEndpoint("work", e => ConfigureWork(e, async x =>
            {
                if (x.Message.Number % EndsEvery != 0)
                {
                    Console.WriteLine(Holds);
                    await Task.Delay(Timeout.Infinite, x.CancellationToken);
                }
                Console.WriteLine(x.Message.Number.ToString(CultureInfo.InvariantCulture));
            }));
        });
        await bus.StartAsync();
        await Task.Delay(Timeout.Infinite);
    }

    /// <summary>The endpoint of a consumer that may be killed, and of the one that comes after it.</summary>
    public static void ConfigureWork(IAmazonSqsReceiveEndpointConfigurator endpoint, MessageHandler<Ping> handler)
    {
        endpoint.QueueAttributes["VisibilityTimeout"] = 3;
        endpoint.WaitTimeSeconds = 1;
        endpoint.PrefetchCount = 200;
        endpoint.UseNativeDeadLetterQueue(100);
        endpoint.Handler(handler);
    }

    static async Task SendAsync(string url)
    {
        var bus = Bus.Factory.CreateUsingAmazonSqs(cfg => cfg.UseDefaultHost(h => h.Config(new AmazonSQSConfig { ServiceURL = url })));
        await bus.StartAsync();
        var endpoint = await bus.GetSendEndpoint(new Uri("queue:work"));
        await endpoint.Send(new Ping(1));
        await bus.StopAsync();
    }
}
