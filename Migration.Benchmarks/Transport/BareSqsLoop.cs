using System.Diagnostics;
using System.Globalization;
using Amazon.SQS.Model;

namespace Migration.Benchmarks.Transport;

/// <summary>What the SDK does by itself: full batches, some senders, as many pollers that delete what they receive. The yardstick.</summary>
sealed class BareSqsLoop(SqsProcess sqs, string body, int workers)
{
    const string QueueName = "bare";
    const int BatchSize = 10;

    /// <summary>Sends and receives at the same time; messages a second, from the first send to the last delete.</summary>
    public async Task<double> SendAndConsumeAsync(int messages, CancellationToken cancellationToken)
    {
        var url = await sqs.CreateQueueAsync(QueueName, cancellationToken);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(SendAsync(url, messages, cancellationToken), ConsumeAsync(url, messages, cancellationToken));
        return messages / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Receives and deletes what has been sent before.</summary>
    public async Task<double> ConsumeBacklogAsync(int messages, CancellationToken cancellationToken)
    {
        var url = await sqs.CreateQueueAsync(QueueName, cancellationToken);
        await SendAsync(url, messages, cancellationToken);
        var watch = Stopwatch.StartNew();
        await ConsumeAsync(url, messages, cancellationToken);
        return messages / watch.Elapsed.TotalSeconds;
    }

    async Task SendAsync(string url, int messages, CancellationToken cancellationToken)
    {
        var taken = 0;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Add(ref taken, BatchSize) - BatchSize is var sent && sent < messages)
            {
                var entries = Enumerable.Range(0, Math.Min(BatchSize, messages - sent)).Select(x => new SendMessageBatchRequestEntry(x.ToString(CultureInfo.InvariantCulture), body)).ToList();
                await sqs.Client.SendMessageBatchAsync(url, entries, cancellationToken);
            }
        }, cancellationToken)));
    }

    /// <summary>Ends with the last delete. The polls that are still waiting then end by themselves, on an empty queue.</summary>
    async Task ConsumeAsync(string url, int messages, CancellationToken cancellationToken)
    {
        TaskCompletionSource allDeleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var deleted = 0;
        var pollers = Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref deleted) < messages)
            {
                var request = new ReceiveMessageRequest(url) { MaxNumberOfMessages = BatchSize, WaitTimeSeconds = 1 };
                if ((await sqs.Client.ReceiveMessageAsync(request, cancellationToken)).Messages is not { Count: > 0 } received)
                    continue;
                var entries = received.Select((x, i) => new DeleteMessageBatchRequestEntry(i.ToString(CultureInfo.InvariantCulture), x.ReceiptHandle)).ToList();
                await sqs.Client.DeleteMessageBatchAsync(url, entries, cancellationToken);
                if (Interlocked.Add(ref deleted, received.Count) == messages)
                    allDeleted.SetResult();
            }
        }, cancellationToken)).ToArray();
        await await Task.WhenAny(allDeleted.Task, Task.WhenAll(pollers)); // pollers end first only when one has failed
    }
}
