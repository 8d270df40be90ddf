using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Options;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Runs.Ledger;

namespace Migration.Sagas.Runs.Steps;

/// <summary>
/// Asks the source how many records there are. A second delivery counts again and the saga, which has moved on, ignores
/// its answer.
/// </summary>
public sealed class EstimateCountConsumer(DomainRegistry domains, LedgerDatabase database, IOptions<EngineOptions> options) : IConsumer<EstimateCount>
{
    public async Task Consume(ConsumeContext<EstimateCount> context)
    {
        var message = context.Message;
        var domain = domains[message.Domain];
        var filters = await database.QueryAsync("select filter from migration.runs where run_id = $1 and state in ('Requested', 'Estimating')",
            x => x.GetString(0), context.CancellationToken, message.RunId);
        if (filters.Count == 0)
            return;

        using var filter = JsonDocument.Parse(filters[0]);
        object answer;
        try
        {
            var start = await domain.Discovery.StartAsync(filter.RootElement, options.Value.PageSize ?? domain.PageSize, context.CancellationToken);
            answer = new CountEstimated(message.CorrelationId, message.RunId, start.Count, start.Pages);
        }
        catch (UpstreamException exception)
        {
            answer = new CountFailed(message.CorrelationId, message.RunId, exception.Message, (int?)exception.Status);
        }
        var runs = await context.GetSendEndpoint(QueueNames.Address(QueueNames.Runs));
        await runs.Send(answer, answer.GetType(), context.CancellationToken);
    }
}
