using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Migration.Sagas.Runs.Sweeping;

/// <summary>
/// The root of liveness: in every process, at every few seconds, it finds the rows that wait for something that may never
/// come. Every sweep is safe beside the same sweep of another process, and has a loop of its own: one that waits for an upstream
/// holds up no other.
/// </summary>
public sealed partial class Sweeper(IEnumerable<ISweep> sweeps, IOptions<EngineOptions> options, TimeProvider time, ILogger<Sweeper> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(sweeps.Select(x => RepeatAsync(x, stoppingToken)));

    async Task RepeatAsync(ISweep sweep, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepEvery, time);
        do
        {
            await RunAsync(sweep, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    async Task RunAsync(ISweep sweep, CancellationToken stoppingToken)
    {
        try
        {
            await sweep.SweepAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // The next tick tries again.
            LogFailed(exception, sweep.GetType().Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sweep} failed and will be tried again")]
    partial void LogFailed(Exception exception, string sweep);
}

/// <summary>One kind of row that waits, and what moves it on.</summary>
public interface ISweep
{
    Task SweepAsync(CancellationToken cancellationToken);
}
