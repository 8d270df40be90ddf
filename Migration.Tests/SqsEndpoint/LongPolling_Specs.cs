using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Amazon.SQS.Model;

namespace Migration.Tests.SqsEndpoint;

public class LongPolling_Specs : SqsEndpointFixture
{
    [Test]
    public async Task Should_answer_as_soon_as_a_message_arrives()
    {
        var queue = await CreateQueueAsync();
        var poll = ReceiveAsync(queue, wait: 20);
        await PollsArrived(1);

        await Sqs.SendMessageAsync(queue, "a");

        Assert.That((await poll.WaitAsync(TimeSpan.FromSeconds(5))).Single().Body, Is.EqualTo("a"));
    }

    [Test]
    public async Task Should_answer_with_nothing_when_the_wait_is_over()
    {
        var queue = await CreateQueueAsync();
        var poll = ReceiveAsync(queue, wait: 20);
        await PollsArrived(1);

        await Advance(poll, TimeSpan.FromSeconds(20));

        Assert.That(await poll, Is.Empty);
    }

    [Test]
    public async Task Should_wake_when_a_delay_or_a_visibility_timeout_ends()
    {
        var queue = await CreateQueueAsync();
        await Sqs.SendMessageAsync(queue, "hidden");
        await ReceiveAsync(queue, visibility: 10);
        var poll = ReceiveAsync(queue, wait: 20);
        await PollsArrived(2);
        await Sqs.SendMessageAsync(new SendMessageRequest(queue, "delayed") { DelaySeconds = 5 });

        await Advance(poll, TimeSpan.FromSeconds(5));
        Assert.That((await poll).Single().Body, Is.EqualTo("delayed"));

        var next = ReceiveAsync(queue, wait: 20);
        await PollsArrived(3);
        await Advance(next, TimeSpan.FromSeconds(5));
        Assert.That((await next).Single().Body, Is.EqualTo("hidden"));
    }

    [Test]
    public async Task Should_give_a_batch_to_one_poll_and_not_a_message_to_each_of_ten()
    {
        var queue = await CreateQueueAsync();
        var polls = Enumerable.Range(0, 10).Select(_ => ReceiveAsync(queue, wait: 20)).ToList();
        await PollsArrived(10);

        await SendBatchAsync(queue, Enumerable.Range(0, 10).Select(x => $"{x}"));

        Assert.That(await await Task.WhenAny(polls), Has.Count.EqualTo(10));
        await Sqs.DeleteQueueAsync(queue);
        await Assert.ThrowsAsync<QueueDoesNotExistException>(() => Task.WhenAll(polls));
    }

    [Test]
    public async Task Should_lose_no_message_to_polls_that_are_cut_off()
    {
        const int messages = 400;
        var queue = await CreateQueueAsync();
        using var stop = new CancellationTokenSource();
        var answered = 0;

        // Bare sockets, because Amazon's client may have the answer already and still report a cancellation. What reached a socket counts as delivered.
        var cutOff = Enumerable.Range(0, 6).Select(seed => Task.Factory.StartNew(() =>
        {
            var random = new Random(seed);
            while (!stop.IsCancellationRequested)
            {
                using var socket = SendPoll(queue);
                var patience = TimeSpan.FromMilliseconds(random.NextDouble() * 8);
                if (socket.Poll(patience, SelectMode.SelectRead))
                    Interlocked.Increment(ref answered);
            }
        }, TaskCreationOptions.LongRunning)).ToList();
        for (var i = 0; i < messages; i++)
            await Sqs.SendMessageAsync(queue, $"{i}");
        await stop.CancelAsync();
        await Task.WhenAll(cutOff);

        // An answer that left in the same microseconds in which the client hung up cannot be called back, on Amazon neither.
        var lost = int.MaxValue;
        await Eventually(() => (lost = DepthOf(queue).InFlight - answered) <= 2, $"what was not delivered is visible again", () => $"{lost} of {messages} messages lost, {answered} answered");
        Assert.That(answered, Is.GreaterThan(10));
        Assert.That(DepthOf(queue) is var depth && depth.Visible + depth.InFlight == messages);
    }

    [Test]
    public async Task Should_leave_the_messages_to_others_when_a_waiting_poll_is_cancelled()
    {
        var queue = await CreateQueueAsync();
        for (var i = 0; i < 30; i++)
        {
            using var hangUp = new CancellationTokenSource();
            var poll = Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queue) { WaitTimeSeconds = 20 }, hangUp.Token);
            await PollsArrived((2 * i) + 1);
            await hangUp.CancelAsync();
            await Assert.CatchAsync<OperationCanceledException>(() => poll);

            await Sqs.SendMessageAsync(queue, $"{i}");
            var message = (await ReceiveAsync(queue)).Single();

            Assert.That(message.Body, Is.EqualTo($"{i}"));
            Assert.That(message.Attributes["ApproximateReceiveCount"], Is.EqualTo("1"));
        }
    }

    [Test]
    public async Task Should_stop_at_once_although_polls_wait()
    {
        var queue = await CreateQueueAsync();
        var poll = ReceiveAsync(queue, wait: 20);
        await PollsArrived(1);
        var stopwatch = Stopwatch.StartNew();

        await Server.DisposeAsync();

        await Assert.CatchAsync(() => poll);
        Assert.That(stopwatch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    Socket SendPoll(string queue)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(Server.Url.Host, Server.Url.Port);
        var body = $$"""{"QueueUrl":"{{queue}}","WaitTimeSeconds":20}""";
        socket.Send(Encoding.ASCII.GetBytes(
            $"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        return socket;
    }

    Task PollsArrived(int count) => Eventually(() => Server.Broker.Requests.ByAction.GetValueOrDefault("ReceiveMessage") >= count, "the polls arrived");

    /// <summary>The request may not have begun to wait yet, so time is moved until it has ended.</summary>
    async Task Advance(Task poll, TimeSpan time)
    {
        Clock.Advance(time);
        await Eventually(() =>
        {
            Clock.Advance(TimeSpan.FromMilliseconds(1));
            return poll.IsCompleted;
        }, "the poll ended");
    }
}
