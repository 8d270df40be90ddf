using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs;
using Migration.Sagas.Syncs.Steps;
using Migration.Sagas.Telemetry;
using Moq;
using Npgsql;

namespace Migration.Tests.Syncs;

/// <summary>
/// The steps of a host that has none: consumers on a queue that delivers at least once, in processes that die where a test says.
/// What was in hand of a dead process comes back; its lease runs out when the test lets time pass.
/// </summary>
sealed class MortalSteps : IAsyncDisposable
{
    readonly SyncHost _sagas;
    readonly SyncSteps _steps;
    readonly SyncOptions _options;
    readonly LedgerDatabase _database;
    readonly CancellationTokenSource _end = new();
    readonly Task _pump;

    public MortalSteps(SyncHost sagas, ISyncDomain domain, string connectionString, SyncOptions options)
    {
        (_sagas, _options) = (sagas, options);
        _database = new LedgerDatabase(new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "steps" }.ConnectionString);
        var wrapped = Options.Create(options);
        var engine = Options.Create(new EngineOptions { SettleTime = TimeSpan.FromMinutes(3) });
        var rows = new StepRows(_database, wrapped, engine);
        var leases = new StepLeases(rows, wrapped, engine, TimeProvider.System, NullLogger<StepLeases>.Instance); // not started: a dead process renews nothing
        _steps = new SyncSteps(new SyncDomainRegistry([domain]), rows, leases,
            new UpstreamLimits(_database, TimeProvider.System, NullLogger<UpstreamLimits>.Instance), Mock.Of<ITelemetry>(), wrapped, NullLogger<SyncSteps>.Instance);
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>The life of the process that works on a sync; who is not named lives.</summary>
    public ConcurrentDictionary<Guid, Lines> Processes { get; } = new();

    /// <summary>How often a message is delivered that was not lost with its process.</summary>
    public Func<object, int> Copies { get; set; } = _ => 1;

    /// <summary>Faults that no process is meant to have.</summary>
    public ConcurrentQueue<Exception> Errors { get; } = new();

    async Task PumpAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            while (_sagas.ToSteps.TryDequeue(out var message))
            {
                for (var copies = Copies(message); copies > 0; copies--)
                    _ = DeliverAsync(message);
            }
            await Task.Delay(5, CancellationToken.None);
        }
    }

    async Task DeliverAsync(object message)
    {
        var process = Processes.GetOrAdd(SyncOf(message), _ => new Lines(_ => false));
        var maxReceives = _options.MaxAttempts + 5; // deaths spend receives too
        try
        {
            for (var receives = 0; receives < maxReceives; receives++)
            {
                var isReturned = false;
                if (await process.RunAsync(() => ConsumeAsync(message, () => isReturned = true)) && !isReturned)
                    return;
            }
        }
        catch (Exception exception)
        {
            Errors.Enqueue(exception);
        }
    }

    Task ConsumeAsync(object message, Action returned) => message switch
    {
        PushChange x => new PushChangeConsumer(_steps).Consume(Context(x, returned)),
        WriteSyncMapping x => new WriteSyncMappingConsumer(_steps).Consume(Context(x, returned)),
        CompensateDuplicate x => new CompensateDuplicateConsumer(_steps).Consume(Context(x, returned)),
        _ => throw new ArgumentException($"{message} is no step.", nameof(message)),
    };

    static Guid SyncOf(object message) => message switch
    {
        PushChange x => x.CorrelationId,
        WriteSyncMapping x => x.CorrelationId,
        CompensateDuplicate x => x.CorrelationId,
        _ => throw new ArgumentException($"{message} is no step.", nameof(message)),
    };

    ConsumeContext<T> Context<T>(T message, Action returned) where T : class
    {
        var sqs = new Mock<AmazonSqsMessageContext>();
        sqs.Setup(x => x.ReturnToQueue(It.IsAny<TimeSpan?>())).Callback((TimeSpan? _) => returned());
        AmazonSqsMessageContext? payload = sqs.Object;
        var receive = new Mock<ReceiveContext>();
        receive.Setup(x => x.TryGetPayload(out payload)).Returns(true);
        var endpoint = new Mock<ISendEndpoint>();
        endpoint.Setup(x => x.Send<It.IsAnyType>(It.IsAny<It.IsAnyType>(), It.IsAny<CancellationToken>()))
            .Returns(new InvocationFunc(x => SendAsync(x.Arguments[0]!))); // a message is never null
        var context = new Mock<ConsumeContext<T>>();
        context.SetupGet(x => x.Message).Returns(message);
        context.SetupGet(x => x.CancellationToken).Returns(CancellationToken.None);
        context.SetupGet(x => x.ReceiveContext).Returns(receive.Object);
        context.Setup(x => x.GetSendEndpoint(It.IsAny<Uri>())).ReturnsAsync(endpoint.Object);
        return context.Object;
    }

    async Task SendAsync(object message)
    {
        await Lines.PassAsync($"send {message.GetType().Name}");
        await _sagas.SendAsync(message);
        await Lines.PassAsync($"sent {message.GetType().Name}");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _pump;
        _end.Dispose();
        await _database.DisposeAsync();
    }
}
