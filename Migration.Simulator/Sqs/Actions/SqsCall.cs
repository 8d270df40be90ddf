using System.Text.Json;
using Migration.Simulator.Sqs.Protocol;
using Migration.Simulator.Sqs.Queues;

namespace Migration.Simulator.Sqs.Actions;

/// <summary>One request on its way through an action. The action writes its answer into <see cref="Json"/>, inside an object that is already open.</summary>
internal sealed class SqsCall
{
    public required SqsBroker Broker { get; init; }
    public required SqsRequest Request { get; init; }
    public required Utf8JsonWriter Json { get; init; }

    /// <summary>Scheme and host as the client wrote them: a client that came through a proxy gets queue URLs that it can reach.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>Cancelled when the client is gone or the server stops.</summary>
    public required CancellationToken Aborted { get; init; }

    /// <summary>Asks whether anybody would still read the answer.</summary>
    public required Func<bool> IsClientGone { get; init; }

    public SqsQueue Queue => field ??= Broker.GetByUrl(Request.QueueUrl);

    /// <summary>Messages that the answer carries; they go back to the queue when it cannot be delivered.</summary>
    public List<ReceivedMessage> Taken { get; set; } = [];

    public string UrlOf(SqsQueue queue) => BaseUrl + SqsBroker.PathOf(queue);

    public void PutBackTaken()
    {
        if (Taken.Count > 0)
            Queue.PutBack(Taken);
    }
}
