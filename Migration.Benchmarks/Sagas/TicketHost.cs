using System.Diagnostics;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migration.Benchmarks.Transport;

namespace Migration.Benchmarks.Sagas;

/// <summary>
/// A host whose tickets move: inbox, saga, outbox and its delivery, over MassTransit's in-memory transport, so that the persistence is measured and not a
/// broker.
/// </summary>
sealed class TicketHost : IAsyncDisposable
{
    readonly IHost _host;
    readonly Counted _moved;
    readonly Guid[] _tickets;
    int _next;

    TicketHost(IHost host, Counted moved, int tickets)
    {
        _host = host;
        _moved = moved;
        _tickets = [.. Enumerable.Range(0, tickets).Select(_ => Guid.NewGuid())];
    }

    /// <param name="connectionString">A database of its own.</param>
    /// <param name="tickets">How many move, in turn.</param>
    /// <param name="concurrency">Messages in hand.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="window">For how long messages are known again; null leaves the default.</param>
    public static async Task<TicketHost> StartAsync(string connectionString, int tickets, int concurrency, CancellationToken cancellationToken, TimeSpan? window = null)
    {
        var moved = new Counted();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddDbContextPool<TicketDbContext>(x => x.UseNpgsql(connectionString));
        builder.Services.AddMassTransit(x =>
        {
            x.DisableUsageTelemetry();
            x.AddSagaStateMachine<TicketStateMachine, Ticket>().EntityFrameworkRepository(r =>
            {
                r.ExistingDbContext<TicketDbContext>();
                r.UsePostgres();
            });
            x.AddEntityFrameworkOutbox<TicketDbContext>(o =>
            {
                o.UsePostgres();
                if (window is { } shorter)
                    o.DuplicateDetectionWindow = shorter;
            });
            x.UsingInMemory((context, cfg) =>
            {
                cfg.ReceiveEndpoint("tickets", e =>
                {
                    e.ConcurrentMessageLimit = concurrency;
                    e.UseEntityFrameworkOutbox<TicketDbContext>(context);
                    e.ConfigureSaga<Ticket>(context);
                });
                cfg.ReceiveEndpoint("moves", e => e.Handler<TicketMoved>(_ =>
                {
                    moved.Count();
                    return Task.CompletedTask;
                }));
            });
        });
        var host = builder.Build();
        using (var scope = host.Services.CreateScope())
            await scope.ServiceProvider.GetRequiredService<TicketDbContext>().Database.EnsureCreatedAsync(cancellationToken);
        await host.StartAsync(cancellationToken);
        return new TicketHost(host, moved, tickets);
    }

    /// <summary>Messages that told of a move, since the start.</summary>
    public long Heard => _moved.Total;

    /// <summary>Moves tickets in turn; transitions a second, from the first message to the last delivery out of the outbox.</summary>
    public async Task<double> MoveAsync(int transitions, CancellationToken cancellationToken)
    {
        var bus = _host.Services.GetRequiredService<IBus>();
        var done = _moved.Expect(transitions);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < transitions; i++)
            await bus.Publish(new MoveTicket(_tickets[_next++ % _tickets.Length]), cancellationToken);
        await done.WaitAsync(cancellationToken);
        return transitions / watch.Elapsed.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
