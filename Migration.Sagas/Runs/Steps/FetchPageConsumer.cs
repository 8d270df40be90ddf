using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Gates;
using Migration.Sagas.Limits;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Telemetry;

namespace Migration.Sagas.Runs.Steps;

/// <summary>
/// Reads a page of ids and writes its ledger rows, follow-on pages and end in one statement fenced by the page row; then
/// sends. A second delivery finds the page Reported: it adds nothing, sends what has no message yet, and reports again.
/// </summary>
public sealed class FetchPageConsumer(DomainRegistry domains, LedgerPages pages, LedgerMessages messages, GateCache gates, UpstreamLimits limits,
    ITelemetry telemetry, IOptions<EngineOptions> options) : IConsumer<FetchPage>
{
    public async Task Consume(ConsumeContext<FetchPage> context)
    {
        var message = context.Message;
        var domain = domains[message.Domain];
        if (await pages.FindAsync(message.RunId, message.PageKey, context.CancellationToken) is not { } page || page.RunState is not (RunState.Paging or RunState.Migrating))
            return;
        await gates.WaitUntilOpenAsync(domain.Name, message.RunId, context.CancellationToken);

        if (page.State == "Open")
        {
            if (await ReadAsync(context, domain, page) is not { } found)
            {
                await messages.ForgetPageAsync(message.RunId, message.PageKey, CancellationToken.None);
                return;
            }
            if (!await pages.ReportAsync(message.RunId, message.PageKey, found, context.CancellationToken))
                return; // cancelled meanwhile, or another delivery read it first and reports it
        }
        await messages.SendPageAsync(message.CorrelationId, message.RunId, domain.Name, message.PageKey, context.CancellationToken);
        var runs = await context.GetSendEndpoint(QueueNames.Address(QueueNames.Runs));
        await runs.Send(new PageFetched(message.CorrelationId, message.RunId, message.PageKey), context.CancellationToken);
    }

    /// <summary>Null while NOMIS is away: a page that is received again and again would become a dead letter.</summary>
    async Task<DiscoveredPage?> ReadAsync(ConsumeContext<FetchPage> context, IMigrationDomain domain, LedgerPage page)
    {
        var upstreams = limits.Of(domain);
        using var slots = await upstreams.EnterAsync(isLive: false, options.Value.HoldWhilePaused, context.CancellationToken);
        if (slots is null)
            return null;
        using var filter = JsonDocument.Parse(page.Filter);
        try
        {
            return await domain.Discovery.ReadAsync(filter.RootElement, options.Value.PageSize ?? domain.PageSize, context.Message.PageKey, context.CancellationToken);
        }
        catch (UpstreamException) when (upstreams.IsDown)
        {
            return null;
        }
        catch (UpstreamException exception)
        {
            await pages.KeepErrorAsync(context.Message.RunId, context.Message.PageKey, exception.Message, CancellationToken.None);
            if (context.IsLastReceive())
                telemetry.Track(DeadLetterTelemetry.Sent(domain, QueueNames.Pages(domain.Name), options.Value));
            throw; // it comes back by the queue's back-off, and after its last receive by the standstill of its run
        }
    }
}
