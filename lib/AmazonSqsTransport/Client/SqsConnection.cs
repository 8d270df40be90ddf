using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;
using MassTransit.Middleware;

namespace MassTransit.AmazonSqsTransport;

/// <summary>One SDK client with what the endpoints of a bus share: queues and batches. The host owns it and stops it last.</summary>
sealed class SqsConnection : Agent
{
    static readonly TimeSpan BusyLinger = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan DeleteLinger = TimeSpan.FromMilliseconds(8);
    static readonly IReadOnlyDictionary<int, SqsEntryException> NoneRefused = new Dictionary<int, SqsEntryException>();
    static readonly List<string> AllAttributes = ["All"];
    static readonly List<string> SystemAttributes = ["ApproximateReceiveCount", "SentTimestamp"];

    readonly ConcurrentDictionary<string, Lazy<RequestBatcher<SendMessageBatchRequestEntry>>> _sends = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, Lazy<RequestBatcher<string>>> _deletes = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, Lazy<RequestBatcher<VisibilityEntry>>> _visibilities = new(StringComparer.Ordinal);
    readonly IAmazonSQS _client;
    readonly AmazonSqsHostSettings _settings;

    public SqsConnection(AmazonSqsHostSettings settings, IEnumerable<QueueDefinition> definitions)
    {
        _settings = settings;
        _client = settings.CreateClient();
        TemporaryQueues = new TemporaryQueues(_client, settings.Address, settings.Time);
        Queues = new QueueCache(_client, TemporaryQueues);
        foreach (var definition in definitions)
            Queues.Define(definition);
        SetReady();
    }

    public QueueCache Queues { get; }

    public TemporaryQueues TemporaryQueues { get; }

    public TimeProvider Time => _settings.Time;

    /// <summary>Completes when SQS has accepted the message; creates the queue if it is missing and <paramref name="createQueue" /> allows.</summary>
    public Task Send(string queueName, bool createQueue, SendMessageBatchRequestEntry entry, CancellationToken cancellationToken) =>
        Batcher(_sends, queueName, TimeSpan.Zero, (SendMessageBatchRequestEntry x) => SizeOf(x), x => SendBatch(queueName, createQueue, x)).Execute(entry, cancellationToken);

    public Task Delete(string queueName, string receiptHandle) =>
        Batcher(_deletes, queueName, DeleteLinger, (string x) => x.Length, x => DeleteBatch(queueName, x)).Execute(receiptHandle, CancellationToken.None);

    public Task ChangeVisibility(string queueName, VisibilityEntry entry) =>
        Batcher(_visibilities, queueName, DeleteLinger, (VisibilityEntry x) => x.ReceiptHandle.Length, x => ChangeVisibilityBatch(queueName, x))
            .Execute(entry, CancellationToken.None);

    /// <summary>One long poll. Cancel it only when the process cannot wait: SQS may hand messages to a connection that has gone.</summary>
    public async Task<IReadOnlyList<Message>> Receive(QueueInfo queue, int limit, int waitSeconds, CancellationToken cancellationToken)
    {
        var response = await TransportMetrics.Measure("receive", "ReceiveMessage", queue.Name, _client.ReceiveMessageAsync(new ReceiveMessageRequest
        {
            QueueUrl = queue.Url,
            MaxNumberOfMessages = limit,
            WaitTimeSeconds = waitSeconds,
            MessageAttributeNames = AllAttributes,
            MessageSystemAttributeNames = SystemAttributes
        }, cancellationToken)).ConfigureAwait(false);

        if (response.Messages is not { Count: > 0 } messages)
            return [];
        TransportMetrics.Received(queue.Name, messages.Count);
        return messages;
    }

    public async Task Purge(QueueInfo queue)
    {
        TransportMetrics.Request("PurgeQueue", queue.Name);
        await _client.PurgeQueueAsync(queue.Url).ConfigureAwait(false);
    }

    protected override async Task StopAgent(StopContext context)
    {
        // What is still queued goes out, unless the stop has run out of time.
        await Task.WhenAll([.. Drain(_sends), .. Drain(_visibilities), .. Drain(_deletes)])
            .WaitAsync(context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        await base.StopAgent(context).ConfigureAwait(false);
    }

    static IEnumerable<Task> Drain<T>(ConcurrentDictionary<string, Lazy<RequestBatcher<T>>> batchers) => batchers.Values.Select(x => x.Value.DisposeAsync().AsTask());

    RequestBatcher<T> Batcher<T>(ConcurrentDictionary<string, Lazy<RequestBatcher<T>>> batchers, string queueName, TimeSpan idleLinger, Func<T, int> size,
        Func<IReadOnlyList<T>, Task<IReadOnlyDictionary<int, SqsEntryException>>> request)
    {
        if (batchers.TryGetValue(queueName, out var existing))
            return existing.Value;
        var limits = new BatchLimits(_settings.RequestConcurrency, idleLinger, BusyLinger);
        return batchers.GetOrAdd(queueName, _ => new(() => new RequestBatcher<T>(request, size, limits, _settings.Time))).Value;
    }

    async Task<IReadOnlyDictionary<int, SqsEntryException>> SendBatch(string queueName, bool createQueue, IReadOnlyList<SendMessageBatchRequestEntry> entries)
    {
        for (var i = 0; i < entries.Count; i++)
            entries[i].Id = Id(i);

        var request = new SendMessageBatchRequest { Entries = [.. entries] };
        for (var attempt = 0; ; attempt++)
        {
            var queue = await Queues.Get(queueName, createQueue, CancellationToken.None).ConfigureAwait(false);
            try
            {
                request.QueueUrl = queue.Url;
                var response = await TransportMetrics.Measure("send", "SendMessageBatch", queueName, _client.SendMessageBatchAsync(request)).ConfigureAwait(false);
                TransportMetrics.Sent(queueName, response.Successful?.Count ?? 0, response.Failed);
                return Refused(queueName, response.Failed);
            }
            catch (Exception exception) when (SqsErrors.IsMissingQueue(exception) && attempt == 0)
            {
                Queues.Evict(queue); // deleted at run time: the second attempt creates it
            }
        }
    }

    async Task<IReadOnlyDictionary<int, SqsEntryException>> DeleteBatch(string queueName, IReadOnlyList<string> receiptHandles)
    {
        var queue = await Queues.Get(queueName, create: false, CancellationToken.None).ConfigureAwait(false);
        List<DeleteMessageBatchRequestEntry> entries = [.. receiptHandles.Select((x, i) => new DeleteMessageBatchRequestEntry(Id(i), x))];
        var response = await TransportMetrics.Measure("settle", "DeleteMessageBatch", queueName, _client.DeleteMessageBatchAsync(queue.Url, entries)).ConfigureAwait(false);
        TransportMetrics.Deleted(queueName, response.Successful?.Count ?? 0);
        return Refused(queueName, response.Failed);
    }

    async Task<IReadOnlyDictionary<int, SqsEntryException>> ChangeVisibilityBatch(string queueName, IReadOnlyList<VisibilityEntry> changes)
    {
        var queue = await Queues.Get(queueName, create: false, CancellationToken.None).ConfigureAwait(false);
        List<ChangeMessageVisibilityBatchRequestEntry> entries =
            [.. changes.Select((x, i) => new ChangeMessageVisibilityBatchRequestEntry(Id(i), x.ReceiptHandle) { VisibilityTimeout = x.Seconds })];
        var response = await TransportMetrics.Measure("settle", "ChangeMessageVisibilityBatch", queueName, _client.ChangeMessageVisibilityBatchAsync(queue.Url, entries))
            .ConfigureAwait(false);
        return Refused(queueName, response.Failed);
    }

    static IReadOnlyDictionary<int, SqsEntryException> Refused(string queueName, List<BatchResultErrorEntry>? failed) => failed is null or { Count: 0 }
        ? NoneRefused
        : failed.ToDictionary(x => int.Parse(x.Id, CultureInfo.InvariantCulture), x => new SqsEntryException(queueName, x));

    static string Id(int index) => index.ToString(CultureInfo.InvariantCulture);

    static int SizeOf(SendMessageBatchRequestEntry entry)
    {
        var bytes = Encoding.UTF8.GetByteCount(entry.MessageBody);
        foreach (var (name, attribute) in entry.MessageAttributes ?? [])
            bytes += Encoding.UTF8.GetByteCount(name) + attribute.DataType.Length + Encoding.UTF8.GetByteCount(attribute.StringValue ?? "");
        return bytes;
    }
}
