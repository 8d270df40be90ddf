using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Microsoft.Extensions.Time.Testing;
using Migration.Simulator.Sqs;

namespace Migration.Tests.SqsEndpoint;

/// <summary>A server with a clock of its own for every test, met through Amazon's client.</summary>
public abstract class SqsEndpointFixture
{
    int _queues;

    protected FakeTimeProvider Clock { get; private set; } = null!;
    protected SqsServer Server { get; private set; } = null!;
    protected AmazonSQSClient Sqs { get; private set; } = null!;

    [SetUp]
    public async Task StartServer()
    {
        Clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        Server = await SqsServer.StartAsync(new SqsBroker(Clock));
        Sqs = Connect();
    }

    [TearDown]
    public async Task StopServer()
    {
        Sqs.Dispose();
        await Server.DisposeAsync();
    }

    protected AmazonSQSClient Connect() => new(
        new BasicAWSCredentials("x", "y"),
        new AmazonSQSConfig { ServiceURL = Server.Url.ToString(), AuthenticationRegion = "eu-west-2", MaxErrorRetry = 0 });

    protected async Task<string> CreateQueueAsync(string? suffix = null, params (string Name, string Value)[] attributes)
    {
        var name = $"queue-{Interlocked.Increment(ref _queues)}{suffix}";
        var request = new CreateQueueRequest(name) { Attributes = attributes.ToDictionary(x => x.Name, x => x.Value) };
        return (await Sqs.CreateQueueAsync(request)).QueueUrl;
    }

    /// <summary>A queue that gives up after <paramref name="maxReceives"/> receives, and its dead-letter queue.</summary>
    protected async Task<(string Queue, string DeadLetters)> CreateQueueWithDeadLettersAsync(int maxReceives)
    {
        var dead = await CreateQueueAsync("-dlq");
        var queue = await CreateQueueAsync(null, ("RedrivePolicy", $$"""{"deadLetterTargetArn":"{{await ArnOfAsync(dead)}}","maxReceiveCount":"{{maxReceives}}"}"""));
        return (queue, dead);
    }

    protected async Task<string> ArnOfAsync(string queue) => (await Sqs.GetQueueAttributesAsync(queue, ["QueueArn"])).QueueARN;

    protected async Task<List<Message>> ReceiveAsync(string queue, int maximum = 10, int wait = 0, int? visibility = null) =>
        (await Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queue)
        {
            MaxNumberOfMessages = maximum,
            WaitTimeSeconds = wait,
            VisibilityTimeout = visibility,
            MessageAttributeNames = ["All"],
            MessageSystemAttributeNames = ["All"],
        })).Messages ?? [];

    protected Task<SendMessageBatchResponse> SendBatchAsync(string queue, IEnumerable<string> bodies) =>
        Sqs.SendMessageBatchAsync(queue, [.. bodies.Select((body, i) => new SendMessageBatchRequestEntry($"m{i}", body))]);

    protected SqsQueueDepth DepthOf(string queue) => Server.Broker.Depths.Single(x => queue.EndsWith('/' + x.Name));

    protected static async Task<string?> CodeOf(Func<Task> call) => (await Assert.CatchAsync<AmazonSQSException>(call))?.ErrorCode;

    protected static async Task Eventually(Func<bool> condition, string what, Func<string>? detail = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            Assert.That(limit.IsCancellationRequested, Is.False, $"never happened: {what} {detail?.Invoke()}");
            await Task.Delay(5);
        }
    }
}
