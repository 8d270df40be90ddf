using System.Collections.Concurrent;
using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Finds queues by name, creates those that are missing, and brings the attributes of existing ones in line with their definition.</summary>
sealed class QueueCache(IAmazonSQS client, TemporaryQueues temporary)
{
    const int DefaultVisibilitySeconds = 30;
    static readonly List<string> AllAttributes = ["All"];

    readonly ConcurrentDictionary<string, QueueDefinition> _definitions = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, Lazy<Task<QueueInfo>>> _queues = new(StringComparer.Ordinal);

    public void Define(QueueDefinition definition) => _definitions[definition.Name] = definition;

    /// <summary>
    /// The queue of that name at SQS. A missing one is created if <paramref name="create" /> is true or there is a definition for it, else it is an error.
    /// </summary>
    public async Task<QueueInfo> Get(string name, bool create, CancellationToken cancellationToken)
    {
        var queue = _queues.GetOrAdd(name, key => new Lazy<Task<QueueInfo>>(() => Resolve(key, create)));
        try
        {
            return await queue.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (queue.Value is { IsCompleted: true, IsCompletedSuccessfully: false })
        {
            _queues.TryRemove(new KeyValuePair<string, Lazy<Task<QueueInfo>>>(name, queue)); // the next caller tries again
            throw;
        }
    }

    /// <summary>Forgets a queue that was found missing, unless somebody else has already found it again.</summary>
    public void Evict(QueueInfo queue)
    {
        if (_queues.TryGetValue(queue.Name, out var current) && current.IsValueCreated && current.Value.IsCompletedSuccessfully
            && ReferenceEquals(current.Value.Result, queue))
            _queues.TryRemove(new KeyValuePair<string, Lazy<Task<QueueInfo>>>(queue.Name, current));
    }

    /// <summary>Forgets a queue that has not been used for long; it is looked up again when it is.</summary>
    public void Forget(string name) => _queues.TryRemove(name, out _);

    public async Task Delete(string name)
    {
        _definitions.TryRemove(name, out _);
        if (!_queues.TryRemove(name, out var queue))
            return;
        TransportMetrics.Request("DeleteQueue", name);
        await client.DeleteQueueAsync((await queue.Value.ConfigureAwait(false)).Url).ConfigureAwait(false);
    }

    async Task<QueueInfo> Resolve(string name, bool create)
    {
        var definition = _definitions.GetValueOrDefault(name);
        var url = await FindUrl(name).ConfigureAwait(false);
        if (url is null && definition?.DeadLetterQueue is { } deadLetters)
            _queues.TryRemove(deadLetters, out _); // what took the queue may have taken its dead-letter queue too
        var wanted = await WantedAttributes(definition ?? new QueueDefinition(name)).ConfigureAwait(false);
        if (url is null && (create || definition is not null))
            url = await Create(name, wanted, definition).ConfigureAwait(false);
        if (url is null)
            throw new QueueDoesNotExistException($"The temporary queue {name} has been deleted by its owner");

        TransportMetrics.Request("GetQueueAttributes", name);
        var response = await client.GetQueueAttributesAsync(url, AllAttributes).ConfigureAwait(false);
        var actual = response.Attributes ?? [];
        if (definition is { LeaveExisting: false })
        {
            if (!wanted.ContainsKey(RedrivePolicy.AttributeName) && IsOwnRedrive(name, actual))
                wanted[RedrivePolicy.AttributeName] = ""; // takes it away
            actual = await Align(name, url, wanted, actual).ConfigureAwait(false);
        }

        var visibility = actual.TryGetValue("VisibilityTimeout", out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : DefaultVisibilitySeconds;
        return new QueueInfo(name, url, actual.GetValueOrDefault("QueueArn", ""), TimeSpan.FromSeconds(visibility),
            RedrivePolicy.Parse(actual.GetValueOrDefault(RedrivePolicy.AttributeName))?.MaxReceiveCount);
    }

    /// <summary>The dead-letter queue comes first: a redrive policy names it by its ARN.</summary>
    async Task<Dictionary<string, string>> WantedAttributes(QueueDefinition definition)
    {
        Dictionary<string, string> wanted = new(definition.Attributes, StringComparer.Ordinal);
        if (definition.DeadLetterQueue is { } deadLetterQueue)
        {
            var target = await Get(deadLetterQueue, create: true, CancellationToken.None).ConfigureAwait(false);
            wanted[RedrivePolicy.AttributeName] = new RedrivePolicy(target.Arn, definition.MaxReceiveCount).ToJson();
        }
        return wanted;
    }

    async Task<string?> FindUrl(string name)
    {
        try
        {
            TransportMetrics.Request("GetQueueUrl", name);
            return (await client.GetQueueUrlAsync(name).ConfigureAwait(false)).QueueUrl;
        }
        catch (Exception exception) when (SqsErrors.IsMissingQueue(exception))
        {
            return null;
        }
    }

    async Task<string?> Create(string name, Dictionary<string, string> attributes, QueueDefinition? definition)
    {
        Dictionary<string, string> tags = definition is null ? new(StringComparer.Ordinal) : new(definition.Tags, StringComparer.Ordinal);
        if (definition is { IsTemporary: true })
            tags[TemporaryQueues.LeaseTag] = temporary.NewLease();
        var request = new CreateQueueRequest { QueueName = name, Attributes = attributes };
        if (tags.Count > 0)
            request.Tags = tags;
        try
        {
            TransportMetrics.Request("CreateQueue", name);
            LogContext.Info?.Log("Creating queue {Queue}", name);
            return (await client.CreateQueueAsync(request).ConfigureAwait(false)).QueueUrl;
        }
        catch (QueueNameExistsException)
        {
            return await FindUrl(name).ConfigureAwait(false); // another process was quicker, with other attributes
        }
    }

    /// <summary>Sets what differs. A process that may not do so works with the queue as it is: where queues are made by other means that is normal.</summary>
    async Task<Dictionary<string, string>> Align(string name, string url, Dictionary<string, string> wanted, Dictionary<string, string> actual)
    {
        var changes = wanted.Where(x => !IsSame(x.Key, x.Value, actual.GetValueOrDefault(x.Key))).ToDictionary(x => x.Key, x => x.Value, StringComparer.Ordinal);
        if (changes.Count == 0)
            return actual;
        try
        {
            TransportMetrics.Request("SetQueueAttributes", name);
            LogContext.Info?.Log("Changing queue {Queue}: {Attributes}", name, string.Join(", ", changes.Keys));
            await client.SetQueueAttributesAsync(new SetQueueAttributesRequest { QueueUrl = url, Attributes = changes }).ConfigureAwait(false);
        }
        catch (Exception exception) when (SqsErrors.IsForbidden(exception))
        {
            LogContext.Warning?.Log(exception, "Queue {Queue} differs from its configuration and may not be changed: {Attributes}", name, string.Join(", ", changes.Keys));
            return actual;
        }
        foreach (var (key, value) in changes)
            actual[key] = value;
        return actual;
    }

    /// <summary>
    /// True for a policy as native dead letters make it by default. An endpoint that does not use them any more copies what fails to <c>_error</c>; under the
    /// old policy what is delivered often would end in the one queue or the other. A policy to another queue is somebody else's, and stays.
    /// </summary>
    static bool IsOwnRedrive(string name, Dictionary<string, string> actual) =>
        RedrivePolicy.Parse(actual.GetValueOrDefault(RedrivePolicy.AttributeName)) is { } policy
        && policy.DeadLetterTargetArn.EndsWith($":{QueueDefinition.DeadLetterNameOf(name)}", StringComparison.Ordinal);

    static bool IsSame(string attribute, string wanted, string? actual) => attribute == RedrivePolicy.AttributeName
        ? RedrivePolicy.Parse(wanted) == RedrivePolicy.Parse(actual)
        : wanted == actual;
}
