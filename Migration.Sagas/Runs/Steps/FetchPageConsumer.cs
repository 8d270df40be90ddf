using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Gates;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Runs.Steps;

/// <summary>
/// Reads a page of ids and writes its ledger rows, follow-on pages and end in one statement fenced by the page row; then
/// sends. A second delivery finds the page Reported: it adds nothing, sends what has no message yet, and reports again.
/// </summary>
public sealed class FetchPageConsumer(DomainRegistry domains, LedgerPages pages, LedgerMessages messages, GateCache gates, IOptions<EngineOptions> options)
    : IConsumer<FetchPage>
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
            using var filter = JsonDocument.Parse(page.Filter);
            var found = await domain.Discovery.ReadAsync(filter.RootElement, options.Value.PageSize ?? domain.PageSize, message.PageKey, context.CancellationToken);
            if (!await pages.ReportAsync(message.RunId, message.PageKey, found, context.CancellationToken))
                return; // cancelled meanwhile, or another delivery read it first and reports it
        }
        await messages.SendPageAsync(message.CorrelationId, message.RunId, domain.Name, message.PageKey, context.CancellationToken);
        var runs = await context.GetSendEndpoint(QueueNames.Address(QueueNames.Runs));
        await runs.Send(new PageFetched(message.CorrelationId, message.RunId, message.PageKey), context.CancellationToken);
    }
}
