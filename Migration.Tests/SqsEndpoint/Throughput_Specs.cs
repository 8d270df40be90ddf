using System.Diagnostics;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Migration.Simulator.Sqs;

namespace Migration.Tests.SqsEndpoint;

/// <summary>Run by hand: <c>dotnet test -c Release --filter FullyQualifiedName~SqsEndpoint.Throughput</c>.</summary>
[Explicit("Measures; run it alone")]
public class Throughput_Specs
{
    [Test]
    public async Task Should_move_messages_in_tens()
    {
        await using var server = await SqsServer.StartAsync();
        using var sqs = new AmazonSQSClient(new BasicAWSCredentials("x", "y"), new AmazonSQSConfig { ServiceURL = server.Url.ToString(), AuthenticationRegion = "eu-west-2" });
        var queue = (await sqs.CreateQueueAsync("load")).QueueUrl;
        for (var round = 0; round < 4; round++)
        {
            const int batches = 4_000;
            var stopwatch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(sqs, queue, batches / 4)).Concat(Enumerable.Range(0, 4).Select(_ => ReceiveAsync(sqs, queue, batches * 10 / 4))));
            await TestContext.Progress.WriteLineAsync($"round {round}: {batches * 10 / stopwatch.Elapsed.TotalSeconds:N0} messages/s sent, received and deleted");
        }
        Assert.That(server.Broker.Depths.Single().Visible, Is.Zero);
    }

    static async Task SendAsync(AmazonSQSClient sqs, string queue, int batches)
    {
        var body = new string('x', 900);
        for (var i = 0; i < batches; i++)
            await sqs.SendMessageBatchAsync(queue, [.. Enumerable.Range(0, 10).Select(x => new SendMessageBatchRequestEntry($"{x}", body))]);
    }

    static async Task ReceiveAsync(AmazonSQSClient sqs, string queue, int messages)
    {
        for (var received = 0; received < messages;)
        {
            var answer = await sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queue) { MaxNumberOfMessages = Math.Min(10, messages - received), WaitTimeSeconds = 1 });
            if (answer.Messages is not { Count: > 0 } taken)
                continue;
            await sqs.DeleteMessageBatchAsync(queue, [.. taken.Select((x, i) => new DeleteMessageBatchRequestEntry($"{i}", x.ReceiptHandle))]);
            received += taken.Count;
        }
    }
}
