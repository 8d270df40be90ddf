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

    // Nobody waits for a delete or a change of visibility: the consumer's slot is free by then. Measured on a chain of two queues at a steady rate: 340
    // requests per 1,000 messages, and 365 without.
    static readonly TimeSpan SettleLinger = TimeSpan.FromMilliseconds(8);

    // Nor is a delete late for anything. Measured in a migration at 450 messages a second: 338 requests per 1,000, and 351 at the 20 ms of the others.
    static readonly TimeSpan BusyDeleteLinger = TimeSpan.FromMilliseconds(50);

    static readonly IReadOnlyDictionary<int, SqsEntryException> NoneRefused = new Dictionary<int, SqsEntryException>();
    static readonly List<string> AllAttributes = ["All"];
    static readonly List<string> SystemAttributes = ["ApproximateReceiveCount", "SentTimestamp"];

    readonly BatcherTable<SendMessageBatchRequestEntry> _sends;
    readonly BatcherTable<SendMessageBatchRequestEntry> _sendsToTemporary;
    readonly BatcherTable<string> _deletes;
    readonly BatcherTable<VisibilityEntry> _visibilities;
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
        _sends = Table<SendMessageBatchRequestEntry>(TimeSpan.Zero, BusyLinger, SizeOf, (queue, entries) => SendBatch(queue, createQueue: true, entries));
        _sendsToTemporary = Table<SendMessageBatchRequestEntry>(TimeSpan.Zero, BusyLinger, SizeOf, (queue, entries) => SendBatch(queue, createQueue: false, entries));
        _deletes = Table<string>(SettleLinger, BusyDeleteLinger, x => x.Length, DeleteBatch);
        _visibilities = Table<VisibilityEntry>(SettleLinger, BusyLinger, x => x.ReceiptHandle.Length, ChangeVisibilityBatch);
        SetReady();
    }

    public QueueCache Queues { get; }

    public TemporaryQueues TemporaryQueues { get; }

    public TimeProvider Time => _settings.Time;

    /// <summary>
    /// Completes when SQS has accepted the message. A queue that is missing is created, unless it is somebody's temporary one. Cancellation ends the wait at
    /// once; a message that is under way may arrive all the same.
    /// </summary>
    public Task Send(string queueName, bool createQueue, SendMessageBatchRequestEntry entry, CancellationToken cancellationToken) =>
        (createQueue ? _sends : _sendsToTemporary).Get(queueName).Execute(entry, cancellationToken);

    public Task Delete(string queueName, string receiptHandle) => _deletes.Get(queueName).Execute(receiptHandle, CancellationToken.None);

    public Task ChangeVisibility(string queueName, VisibilityEntry entry) => _visibilities.Get(queueName).Execute(entry, CancellationToken.None);

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
        await Task.WhenAll(_sends.Drain(), _sendsToTemporary.Drain(), _visibilities.Drain(), _deletes.Drain())
            .WaitAsync(context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        await base.StopAgent(context).ConfigureAwait(false);
    }

    BatcherTable<T> Table<T>(TimeSpan idleLinger, TimeSpan busyLinger, Func<T, int> size, Func<string, IReadOnlyList<T>, Task<IReadOnlyDictionary<int, SqsEntryException>>> request)
    {
        var limits = new BatchLimits(_settings.RequestConcurrency, idleLinger, busyLinger);
        return new(queue => new RequestBatcher<T>(entries => request(queue, entries), size, limits, Time), Queues.Forget, Time);
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

    /// <summary>Bytes of a message as SQS counts them: body, and names, types and values of the attributes.</summary>
    public static int SizeOf(SendMessageBatchRequestEntry entry)
    {
        var bytes = Encoding.UTF8.GetByteCount(entry.MessageBody);
        foreach (var (name, attribute) in entry.MessageAttributes ?? [])
            bytes += Encoding.UTF8.GetByteCount(name) + attribute.DataType.Length + Encoding.UTF8.GetByteCount(attribute.StringValue ?? "") + (int)(attribute.BinaryValue?.Length ?? 0);
        return bytes;
    }
}
