using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Removes what crashed processes left behind. A temporary queue is deleted by its owner's stop, which a crash leaves out; so it carries a lease, a
/// tag that the owner renews, and whoever starts a temporary queue later deletes those whose lease has run out. An owner that was only cut off for
/// longer than a lease finds its queue missing and creates it again.
/// </summary>
sealed class TemporaryQueues(IAmazonSQS client, AmazonSqsHostAddress host, TimeProvider time)
{
    /// <summary>How the names of temporary queues begin that the transport chooses, after the scope. Others are not looked for.</summary>
    public const string NamePrefix = "temporary_";

    /// <summary>The tag that holds the end of the lease: Unix time in seconds.</summary>
    public const string LeaseTag = "masstransit-lease";

    static readonly TimeSpan Lease = TimeSpan.FromHours(1);
    static readonly TimeSpan RenewalInterval = TimeSpan.FromMinutes(15);

    /// <summary>A name that nobody has. Short, since the scope comes before it; host and process names would not fit.</summary>
    public static string NewName(string tag) => $"{NamePrefix}{tag}_{NewId.NextGuid():N}";

    public string NewLease() => (time.GetUtcNow() + Lease).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Renews the lease until it is cancelled. Never throws.</summary>
    public async Task Keep(QueueInfo queue, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(RenewalInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return;
            if (await Attempt(() => Renew(queue, cancellationToken)).ConfigureAwait(false) is { } failure && !cancellationToken.IsCancellationRequested)
                LogContext.Warning?.Log(failure, "The lease of the temporary queue {Queue} was not renewed; when it ends others will delete the queue, and the responses in it are lost", queue.Name);
        }
    }

    /// <summary>Deletes the temporary queues whose lease has run out. A second process that does the same does no harm. Never throws.</summary>
    public async Task Sweep(CancellationToken cancellationToken)
    {
        if (await Attempt(() => DeleteExpired(cancellationToken)).ConfigureAwait(false) is { } failure)
            LogContext.Debug?.Log(failure, "Abandoned temporary queues could not be deleted");
    }

    async Task Renew(QueueInfo queue, CancellationToken cancellationToken)
    {
        TransportMetrics.Request("TagQueue", queue.Name);
        TagQueueRequest request = new() { QueueUrl = queue.Url, Tags = new(StringComparer.Ordinal) { [LeaseTag] = NewLease() } };
        await client.TagQueueAsync(request, cancellationToken).ConfigureAwait(false);
    }

    async Task DeleteExpired(CancellationToken cancellationToken)
    {
        var prefix = new AmazonSqsEndpointAddress(host.ToUri(), NamePrefix).EntityName;
        TransportMetrics.Request("ListQueues", prefix);
        var response = await client.ListQueuesAsync(new ListQueuesRequest { QueueNamePrefix = prefix }, cancellationToken).ConfigureAwait(false);
        foreach (var url in response.QueueUrls ?? [])
        {
            var name = url[(url.LastIndexOf('/') + 1)..];
            TransportMetrics.Request("ListQueueTags", name);
            var tags = (await client.ListQueueTagsAsync(new ListQueueTagsRequest { QueueUrl = url }, cancellationToken).ConfigureAwait(false)).Tags;
            if (!HasExpired(tags?.GetValueOrDefault(LeaseTag)))
                continue;
            TransportMetrics.Request("DeleteQueue", name);
            await client.DeleteQueueAsync(url, cancellationToken).ConfigureAwait(false);
            LogContext.Info?.Log("Deleted the temporary queue {Queue}, which its owner has left behind", name);
        }
    }

    /// <summary>False without a lease: such a queue is not one of ours.</summary>
    bool HasExpired(string? lease) => long.TryParse(lease, CultureInfo.InvariantCulture, out var seconds) && DateTimeOffset.FromUnixTimeSeconds(seconds) < time.GetUtcNow();

    /// <summary>Gives back what went wrong. Tidiness must not keep an endpoint from its work; the permissions for it may be missing.</summary>
    static async Task<Exception?> Attempt(Func<Task> action)
    {
        try
        {
            await action().ConfigureAwait(false);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
