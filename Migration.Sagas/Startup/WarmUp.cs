using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs;

namespace Migration.Sagas.Startup;

/// <summary>
/// Lets this process do once, before it is ready, what its first run and its first change would wait for: code is compiled, models and
/// pipelines are built, connections are made. It sends messages about a run and a sync that there are not, through the outbox to its own
/// queues; whichever process gets one finds no row and drops it, however often it comes.
/// </summary>
public sealed partial class WarmUp(
    IBus bus, IServiceScopeFactory scopes, Claims claims, DomainRegistry domains, SyncDomainRegistry syncs, IOptions<EngineOptions> options, TimeProvider time,
    ILogger<WarmUp> logger) : BackgroundService
{
    const string NoRun = "warm-up"; // ids of runs are dates

    volatile bool _isDone;

    /// <summary>
    /// A message of each kind has been here, or <see cref="EngineOptions.WarmUp"/> is over: other processes may have got them, a gate may be
    /// closed, SQS may be away.
    /// </summary>
    public bool IsDone => _isDone || options.Value.WarmUp <= TimeSpan.Zero;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (IsDone)
            return;
        using var limit = new CancellationTokenSource(options.Value.WarmUp, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            var messages = Messages().ToArray();
            var arrivals = new Arrivals([.. messages.Select(x => x.Queue)]);
            using var observation = bus.ConnectReceiveObserver(arrivals);
            await claims.ClaimAsync(new ClaimRequest(NoRun, "0", NoRun, NoRun, Guid.NewGuid()), end.Token);
            await SendAsync(messages, end.Token);
            await arrivals.All.WaitAsync(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            LogIncomplete(options.Value.WarmUp);
        }
        catch (Exception exception)
        {
            LogFailed(exception); // the first work will be slower, no more
        }
        _isDone = true;
    }

    /// <summary>One for each kind of endpoint that takes messages of the engine; the domains share their code.</summary>
    IEnumerable<(string Queue, object Message)> Messages()
    {
        yield return (QueueNames.Runs, new CheckProgress(Guid.NewGuid(), NoRun, 0));
        yield return (SyncQueues.Syncs, new SyncOverdue(Guid.NewGuid(), 0));
        if (domains.All.FirstOrDefault() is { } domain)
        {
            yield return (QueueNames.Counts, new EstimateCount(Guid.NewGuid(), NoRun, domain.Name));
            yield return (QueueNames.Pages(domain.Name), new FetchPage(Guid.NewGuid(), NoRun, domain.Name, "0"));
            yield return (QueueNames.Mappings(domain.Name), new WriteMapping(NoRun, domain.Name, "0", 0));
        }
        if (syncs.All.FirstOrDefault() is { } sync)
        {
            yield return (SyncQueues.Pushes(sync.Name), new PushChange(Guid.NewGuid(), sync.Name, 0));
            yield return (SyncQueues.Mappings(sync.Name), new WriteSyncMapping(Guid.NewGuid(), sync.Name, 0));
        }
    }

    async Task SendAsync(IEnumerable<(string Queue, object Message)> messages, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var sender = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        foreach (var (queue, message) in messages)
        {
            var endpoint = await sender.GetSendEndpoint(QueueNames.Address(queue));
            await endpoint.Send(message, message.GetType(), cancellationToken);
        }
        await scope.ServiceProvider.GetRequiredService<MigrationDbContext>().SaveChangesAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Not everything was warmed up within {Limit}")]
    partial void LogIncomplete(TimeSpan limit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The warm-up failed")]
    partial void LogFailed(Exception exception);
}
