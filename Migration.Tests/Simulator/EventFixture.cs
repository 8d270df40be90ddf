using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Sqs;

namespace Migration.Tests.Simulator;

/// <summary>An estate that DPS knows all of, and the queues that its events go to.</summary>
internal abstract class EventFixture : EstateFixture
{
    protected const string Visits = "events-visits";
    protected const string Sentencing = "events-sentencing";
    protected const string Finance = "events-finance";

    private AmazonSQSClient _client = null!; // set before each test

    protected SqsServer Sqs { get; private set; } = null!; // set before each test

    protected override EstateOptions Options => base.Options with { Visits = 2000, Prisoners = 100, LargestTransaction = 60, Synchronised = true };

    protected EventTarget Target => new(Sqs.Url, Visits, Sentencing, Finance);

    [SetUp]
    public async Task StartSqs()
    {
        Sqs = await SqsServer.StartAsync();
        _client = new AmazonSQSClient(
            new BasicAWSCredentials("x", "y"), new AmazonSQSConfig { ServiceURL = Sqs.Url.ToString(), AuthenticationRegion = "eu-west-2", MaxErrorRetry = 0 });
        foreach (var queue in new[] { Visits, Sentencing, Finance })
            await _client.CreateQueueAsync(queue);
    }

    [TearDown]
    public async Task StopSqs()
    {
        _client.Dispose();
        await Sqs.DisposeAsync();
    }

    protected static Dictionary<EventKind, double> Only(EventKind kind) => new() { [kind] = 1 };

    protected static long Number(JsonNode? value) =>
        value!.GetValueKind() == JsonValueKind.String ? long.Parse((string)value!, CultureInfo.InvariantCulture) : (long)value!;

    protected IEnumerable<long> NewTransactions => Enumerable.Range(Options.Transactions + 1, (int)(Estate.Transactions.Last - Options.Transactions)).Select(id => (long)id);

    protected int SeenRows(long id) => Estate.Transactions.Rows(id).Sum(row => 1 + row.Ledger.Count);

    protected Task<PublishedEvents> PublishAsync(EventRequest request) => Estate.Events.PublishAsync(Target, request);

    /// <summary>Payloads without their times, in the order of their queue.</summary>
    protected async Task<List<string>> AllMessagesAsync()
    {
        var all = new List<string>();
        foreach (var queue in new[] { Visits, Sentencing, Finance })
        {
            foreach (var message in await MessagesAsync(queue))
            {
                message.AsObject().Remove("eventDatetime");
                all.Add(message.ToJsonString());
            }
        }

        return all;
    }

    protected async Task<List<JsonNode>> MessagesAsync(string queue) => [.. (await ReceiveAllAsync(queue)).Select(envelope => JsonNode.Parse((string)envelope["Message"]!)!)];

    protected async Task<List<JsonNode>> ReceiveAllAsync(string queue)
    {
        var url = (await _client.GetQueueUrlAsync(queue)).QueueUrl;
        var all = new List<JsonNode>();
        while ((await _client.ReceiveMessageAsync(new ReceiveMessageRequest(url) { MaxNumberOfMessages = 10 })).Messages is { Count: > 0 } received)
        {
            all.AddRange(received.Select(message => JsonNode.Parse(message.Body)!));
            await _client.DeleteMessageBatchAsync(url, [.. received.Select((message, index) => new DeleteMessageBatchRequestEntry($"m{index}", message.ReceiptHandle))]);
        }

        return all;
    }
}
