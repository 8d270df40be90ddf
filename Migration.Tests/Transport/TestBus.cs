using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.Transport;

/// <summary>One bus with its container: a process, as far as the transport is concerned.</summary>
public sealed class TestBus(ServiceProvider services) : IAsyncDisposable
{
    bool _stopped;

    public IServiceProvider Services => services;

    public IBusControl Control { get; } = services.GetRequiredService<IBusControl>();

    public BusHealthStatus Health => Control.CheckHealth().Status;

    /// <summary>The health of one receive endpoint, by the name of its queue.</summary>
    public BusHealthStatus HealthOf(string queue) => Control.CheckHealth().Endpoints.Single(x => x.Key.EndsWith($"/{queue}", StringComparison.Ordinal)).Value.Status;

    public async Task Send<T>(string queue, T message, TimeSpan? delay = null)
        where T : class
    {
        var endpoint = await Control.GetSendEndpoint(new Uri($"queue:{queue}"));
        await endpoint.Send(message, x => x.Delay = delay);
    }

    public async Task Stop(TimeSpan? limit = null)
    {
        _stopped = true;
        using var source = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(30));
        await Control.StopAsync(source.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
            await Stop();
        await services.DisposeAsync();
    }
}
