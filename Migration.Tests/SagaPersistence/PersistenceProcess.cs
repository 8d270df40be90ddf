using Amazon.Runtime;
using Amazon.SQS;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Migration.Tests.SagaPersistence;

/// <summary>Counters, and two consumers that note what they hear, each through inbox and outbox over SQS, as a process of its own to be killed.</summary>
static class PersistenceProcess
{
    public const string Mode = "sagas";
    public const string Queue = "counters";

    // So that a kill meets messages at every stage: 4 at a time, 10 ms each.
    const int Concurrency = 4;
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    public static async Task RunUntilKilledAsync(string sqs, string database)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        builder.Services.AddDbContext<CounterDbContext>(x => x.UseNpgsql(database));
        builder.Services.AddMassTransit(x =>
        {
            x.AddSagaStateMachine<CounterStateMachine, Counter>().EntityFrameworkRepository(r => r.ExistingDbContext<CounterDbContext>());
            x.AddConsumer<Teller>();
            x.AddConsumer<Listener>();
            x.AddEntityFrameworkOutbox<CounterDbContext>(o => o.UsePostgres());
            x.UsingAmazonSqs((context, cfg) =>
            {
                cfg.Host("eu-west-2", h =>
                {
                    h.Credentials(new BasicAWSCredentials("x", "y"));
                    h.Config(new AmazonSQSConfig { ServiceURL = sqs });
                });
                Endpoint(Queue, e => e.ConfigureSaga<Counter>(context));
                Endpoint("tellers", e => e.ConfigureConsumer<Teller>(context));
                Endpoint("listeners", e => e.ConfigureConsumer<Listener>(context));

                void Endpoint(string queue, Action<IAmazonSqsReceiveEndpointConfigurator> configure) => cfg.ReceiveEndpoint(queue, e =>
                {
                    e.QueueAttributes["VisibilityTimeout"] = 3;
                    e.WaitTimeSeconds = 1;
                    e.PrefetchCount = 200; // all there is: a kill meets them in flight
                    e.ConcurrentMessageLimit = Concurrency;
                    e.UseNativeDeadLetterQueue(100);
                    e.UseExecuteAsync(_ => Task.Delay(Pace));
                    e.UseEntityFrameworkOutbox<CounterDbContext>(context);
                    configure(e);
                });
            });
        });
        await builder.Build().RunAsync();
    }

    /// <summary>Hears of the saga, notes it and tells of it.</summary>
    sealed class Teller(CounterDbContext db) : IConsumer<Counted>
    {
        public async Task Consume(ConsumeContext<Counted> context)
        {
            var text = $"{context.Message.CounterId} {context.Message.Total}";
            db.Notes.Add(new Note { Text = text });
            await context.Publish(new NoteWritten(text));
        }
    }

    /// <summary>Hears of the teller and notes it.</summary>
    sealed class Listener(CounterDbContext db) : IConsumer<NoteWritten>
    {
        public Task Consume(ConsumeContext<NoteWritten> context)
        {
            db.Notes.Add(new Note { Text = $"heard {context.Message.Text}" });
            return Task.CompletedTask;
        }
    }
}
