using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Gates;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Runs.Steps;
using Migration.Sagas.Runs.Sweeping;
using Migration.Sagas.Syncs.Lanes;
using Migration.Sagas.Telemetry;
using Moq;
using Npgsql;

namespace Migration.Tests.Engine;

/// <summary>
/// One process of the service without its queues: a test delivers the messages. Several on one database are several pods.
/// </summary>
public sealed class EngineHost : IAsyncDisposable
{
    readonly DomainRegistry _domains;
    readonly GrantedLanes _lanes;
    readonly Outcomes _outcomes;
    readonly LedgerMessages _messages;
    readonly Reopenings _reopenings;
    readonly GateCache _gates;
    readonly UpstreamLimits _limits;
    readonly IOptions<EngineOptions> _options;
    readonly ITelemetry _telemetry;
    readonly IBus _bus;
    readonly CancellationTokenSource _stop = new();

    /// <param name="connectionString">The database.</param>
    /// <param name="name">Application name of its connections.</param>
    /// <param name="options">Times, shortened.</param>
    /// <param name="domains">What can be migrated.</param>
    /// <param name="time">Time of the gates; null for the clock.</param>
    public EngineHost(string connectionString, string name, EngineOptions options, IMigrationDomain[] domains, TimeProvider? time = null)
    {
        Name = name;
        _options = Options.Create(options);
        _domains = new DomainRegistry(domains);
        Database = new LedgerDatabase(new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = name }.ConnectionString);
        Claims = new Claims(Database, _options, TimeProvider.System, Mock.Of<IHostApplicationLifetime>(x => x.ApplicationStopping == _stop.Token), NullLogger<Claims>.Instance);
        _bus = Mock.Of<IBus>(x => x.GetSendEndpoint(It.IsAny<Uri>()) == Task.FromResult(Endpoint()));
        _lanes = new GrantedLanes(Database, _bus, NullLogger<GrantedLanes>.Instance);
        _outcomes = new Outcomes(Database, _options, _lanes);
        _messages = new LedgerMessages(Database, _bus);
        _reopenings = new Reopenings(Database);
        _gates = new GateCache(Database, time ?? TimeProvider.System, NullLogger<GateCache>.Instance);
        _limits = new UpstreamLimits(Database, TimeProvider.System, NullLogger<UpstreamLimits>.Instance);
        var telemetry = new Mock<ITelemetry>();
        telemetry.Setup(x => x.Track(It.IsAny<TelemetryEvent>())).Callback((TelemetryEvent x) => Tracked.Enqueue(x));
        _telemetry = telemetry.Object;
    }

    public string Name { get; }
    public LedgerDatabase Database { get; }
    public Claims Claims { get; }
    public Reopenings Reopenings => _reopenings;
    public UpstreamLimits Limits => _limits;

    /// <summary>Reads which upstreams are paused.</summary>
    public Task ReadLimitsAsync() => _limits.RefreshAsync(CancellationToken.None);

    /// <summary>All that was sent, oldest first.</summary>
    public ConcurrentQueue<object> Sent { get; } = new();

    /// <summary>Messages that the process does not live to send.</summary>
    public Predicate<object> DiesAtSending { get; set; } = _ => false;

    public ConcurrentQueue<TelemetryEvent> Tracked { get; } = new();

    /// <summary>Takes what was sent since the last time.</summary>
    public IReadOnlyList<object> TakeSent()
    {
        var taken = new List<object>();
        while (Sent.TryDequeue(out var message))
            taken.Add(message);
        return taken;
    }

    public Task<Delivery> DeliverAsync(object message) => message switch
    {
        MigrateEntity x => DeliverAsync(x, new MigrateEntityConsumer(_domains, Claims, _outcomes, _messages, _reopenings, _gates, _limits, _telemetry, _options,
            NullLogger<MigrateEntityConsumer>.Instance)),
        WriteMapping x => DeliverAsync(x, new WriteMappingConsumer(_domains, Database, _outcomes, _reopenings, _limits, Claims, _telemetry, _options)),
        FetchPage x => DeliverAsync(x, new FetchPageConsumer(_domains, new LedgerPages(Database), _messages, _gates, _limits, _telemetry, _options)),
        _ => throw new ArgumentException($"{message} has no consumer here.", nameof(message)),
    };

    public Task<Delivery> MigrateAsync(string runId, string key, string domain = FakeDomain.Things) => DeliverAsync(new MigrateEntity(runId, domain, key));

    public Task<bool> WriteOutcomeAsync(OutcomeEntry entry) => _outcomes.WriteAsync(entry, CancellationToken.None);

    /// <summary>Claims whose lease has run out.</summary>
    public Task SweepClaimsAsync() => new ExpiredClaims(Database, _domains, _lanes, _options, NullLogger<ExpiredClaims>.Instance).SweepAsync(CancellationToken.None);

    /// <summary>Rows and pages without a message.</summary>
    public Task SweepUnsentAsync() => new UnsentRows(Database, _messages, _options).SweepAsync(CancellationToken.None);

    /// <summary>Messages that were lost with their queue; keep it, since it looks twice.</summary>
    public Standstills Standstills(IQueueDepths depths, TimeProvider time) => new(Database, depths, _options, time, NullLogger<Standstills>.Instance);

    /// <summary>Rows of runs that ended long ago.</summary>
    public Task SweepEndedRunsAsync() => new EndedRuns(Database, _options, NullLogger<EndedRuns>.Instance).SweepAsync(CancellationToken.None);

    /// <summary>The process is told to stop.</summary>
    public Task BeginStopAsync() => _stop.CancelAsync();

    /// <summary>Records that were lost sight of.</summary>
    public Task SweepSecondLooksAsync() => new SecondLooks(Database, _domains, _lanes, _limits, NullLogger<SecondLooks>.Instance).SweepAsync(CancellationToken.None);

    static async Task<Delivery> DeliverAsync<T>(ConsumeContext<T> context, IConsumer<T> consumer, Delivery delivery) where T : class
    {
        try
        {
            await consumer.Consume(context);
        }
        catch (Exception exception)
        {
            // what the transport would see: the message comes back
            delivery.Error = exception;
        }
        return delivery;
    }

    Task<Delivery> DeliverAsync<T>(T message, IConsumer<T> consumer) where T : class
    {
        var delivery = new Delivery();
        var sqs = new Mock<AmazonSqsMessageContext>();
        sqs.Setup(x => x.RedeliverAfter(It.IsAny<TimeSpan>())).Callback((TimeSpan x) => delivery.RedeliverAfter = x);
        sqs.Setup(x => x.ReturnToQueue(It.IsAny<TimeSpan?>())).Callback((TimeSpan? x) => (delivery.IsReturned, delivery.RedeliverAfter) = (true, x));
        AmazonSqsMessageContext? payload = sqs.Object;
        var receive = new Mock<ReceiveContext>();
        receive.Setup(x => x.TryGetPayload(out payload)).Returns(true);
        var context = new Mock<ConsumeContext<T>>();
        context.SetupGet(x => x.Message).Returns(message);
        context.SetupGet(x => x.CancellationToken).Returns(CancellationToken.None);
        context.SetupGet(x => x.ReceiveContext).Returns(receive.Object);
        context.Setup(x => x.GetSendEndpoint(It.IsAny<Uri>())).ReturnsAsync(Endpoint());
        // On a thread of its own, as the transport does it: a test may start several.
        return Task.Run(() => DeliverAsync(context.Object, consumer, delivery));
    }

    ISendEndpoint Endpoint()
    {
        var endpoint = new Mock<ISendEndpoint>();
        var send = new InvocationFunc(x => SendAsync(x.Arguments[0]!)); // a message is never null
        endpoint.Setup(x => x.Send<It.IsAnyType>(It.IsAny<It.IsAnyType>(), It.IsAny<CancellationToken>())).Returns(send);
        endpoint.Setup(x => x.Send(It.IsAny<object>(), It.IsAny<Type>(), It.IsAny<CancellationToken>())).Returns(send);
        return endpoint.Object;
    }

    Task SendAsync(object message)
    {
        if (DiesAtSending(message))
            return Task.FromException(new IOException("The process was killed."));
        Sent.Enqueue(message);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Claims.DisposeAsync();
        await _outcomes.DisposeAsync();
        await Database.DisposeAsync();
        _stop.Dispose();
    }
}

/// <summary>How one delivery ended.</summary>
public sealed class Delivery
{
    /// <summary>What the consumer threw; the message comes back.</summary>
    public Exception? Error { get; internal set; }

    /// <summary>The consumer gave the message back without an exception.</summary>
    public bool IsReturned { get; internal set; }

    public TimeSpan? RedeliverAfter { get; internal set; }

    public bool IsAcknowledged => Error is null && !IsReturned;
}
