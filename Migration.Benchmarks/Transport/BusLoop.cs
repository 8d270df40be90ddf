using System.Diagnostics;
using MassTransit;

namespace Migration.Benchmarks.Transport;

/// <summary>The same work by a bus: 200 callers that send one message after the other, and an endpoint that counts.</summary>
sealed class BusLoop(SqsProcess sqs) : IAsyncDisposable
{
    const string QueueName = "bus";
    const int Callers = 200;

    readonly IBusControl _bus = CreateBus(sqs);
    readonly Counted _counted = new();
    HostReceiveEndpointHandle? _endpoint;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _bus.StartAsync(cancellationToken);
        await ConnectAsync(waitTimeSeconds: 1, cancellationToken);
    }

    /// <summary>Sends and consumes at the same time; messages a second, from the first send to the last delete.</summary>
    public async Task<double> SendAndConsumeAsync(int messages, CancellationToken cancellationToken)
    {
        var done = _counted.Expect(messages);
        var watch = Stopwatch.StartNew();
        await SendAsync(messages);
        await done.WaitAsync(cancellationToken);
        await sqs.WaitUntilEmptyAsync(QueueName, cancellationToken);
        return messages / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Consumes what has been sent before.</summary>
    public async Task<double> ConsumeBacklogAsync(int messages, CancellationToken cancellationToken)
    {
        await DisconnectAsync(cancellationToken);
        await SendAsync(messages);
        var done = _counted.Expect(messages);
        var watch = Stopwatch.StartNew();
        await ConnectAsync(waitTimeSeconds: 1, cancellationToken);
        await done.WaitAsync(cancellationToken);
        await sqs.WaitUntilEmptyAsync(QueueName, cancellationToken);
        return messages / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Milliseconds from the call of Send to the consumer, one message at a time; sorted.</summary>
    public async Task<double[]> LatenciesAsync(int messages, CancellationToken cancellationToken)
    {
        var endpoint = await EndpointAsync();
        var latencies = new double[messages];
        for (var i = 0; i < messages; i++)
        {
            var done = _counted.Expect(1);
            var watch = Stopwatch.StartNew();
            await endpoint.Send(Message(i), cancellationToken);
            await done.WaitAsync(cancellationToken);
            latencies[i] = watch.Elapsed.TotalMilliseconds;
        }
        Array.Sort(latencies);
        return latencies;
    }

    /// <summary>Receive requests a minute of an endpoint that has nothing to do, with polls of 20 s.</summary>
    public async Task<double> IdleReceivesAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        await DisconnectAsync(cancellationToken);
        await ConnectAsync(waitTimeSeconds: 20, cancellationToken);
        var before = await sqs.RequestsAsync("ReceiveMessage", cancellationToken);
        await Task.Delay(duration, cancellationToken);
        return (await sqs.RequestsAsync("ReceiveMessage", cancellationToken) - before) / duration.TotalMinutes;
    }

    /// <summary>A message as it is on the wire, so that the bare loop carries the same bytes.</summary>
    public async Task<string> BodyOnTheWireAsync(CancellationToken cancellationToken)
    {
        var queue = await _bus.GetSendEndpoint(new Uri("queue:body"));
        await queue.Send(Message(0), cancellationToken);
        var url = await sqs.CreateQueueAsync("body", cancellationToken);
        return (await sqs.Client.ReceiveMessageAsync(url, cancellationToken)).Messages[0].Body;
    }

    public async ValueTask DisposeAsync() => await _bus.StopAsync(TimeSpan.FromSeconds(30));

    static IBusControl CreateBus(SqsProcess sqs) => Bus.Factory.CreateUsingAmazonSqs(sqs.Use);

    async Task ConnectAsync(ushort waitTimeSeconds, CancellationToken cancellationToken)
    {
        _endpoint = _bus.ConnectReceiveEndpoint(QueueName, e =>
        {
            if (e is IAmazonSqsReceiveEndpointConfigurator x)
                x.WaitTimeSeconds = waitTimeSeconds;
            e.PrefetchCount = 200;
            e.ConcurrentMessageLimit = 64;
            e.Handler<WorkItem>(_ =>
            {
                _counted.Count();
                return Task.CompletedTask;
            });
        });
        await _endpoint.Ready.WaitAsync(cancellationToken);
    }

    async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        if (_endpoint is not null)
            await _endpoint.StopAsync(cancellationToken);
    }

    async Task SendAsync(int messages)
    {
        var endpoint = await EndpointAsync();
        var taken = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref taken) is var number && number <= messages)
                await endpoint.Send(Message(number));
        })));
    }

    Task<ISendEndpoint> EndpointAsync() => _bus.GetSendEndpoint(new Uri("queue:" + QueueName));

    static WorkItem Message(int number) => new(Guid.NewGuid(), number, "a record of a prison system, about as long as its key and a few words");
}
