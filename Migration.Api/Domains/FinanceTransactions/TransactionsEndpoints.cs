using System.Globalization;
using System.Net;
using System.Security.Claims;
using Migration.Api.Errors;
using Migration.Api.Runs;
using Migration.Api.Security;
using Migration.Api.Syncs;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Domains.FinanceTransactions;
using Migration.Sagas.Runs.Discovery;
using Migration.Sagas.Syncs;

namespace Migration.Api.Domains.FinanceTransactions;

/// <summary>Repair of a transaction, and what would be sent for it (spec: finance-transactions 5).</summary>
static class TransactionsEndpoints
{
    public static void MapFinanceTransactions(this IEndpointRouteBuilder app)
    {
        app.MapPost("/transactions/{transactionId}/repair", RepairAsync).RequireAuthorization(Roles.Update).WithTags("Finance transactions")
            .Produces(204).Produces(202).Errors(404, 500).WithName("repairTransaction")
            .WithSummary("Sends a transaction with all its rows, as NOMIS has it now.");
        app.MapGet("/sync/prisoner-transaction/payload/{transactionId}", PayloadAsync).RequireAuthorization(Roles.Update).WithTags("Finance transactions")
            .Produces<Clients.PrisonerFinance.SyncTransaction>().Errors(404, 500).WithName("getTransactionPayload")
            .WithSummary("What would be sent for a transaction. Nothing is.");
    }

    static async Task<IResult> RepairAsync(long transactionId, INomisTransactions nomis, SyncRequests requests, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(transactionId, nomis, $"No transaction for {Text(transactionId)} was found", cancellationToken);
        if (rows.Count == 0)
            throw new NotFoundException($"No prisoner transaction found in nomis for transactionId={Text(transactionId)}");
        var first = rows.MinBy(x => x.TransactionEntrySequence)!; // there is one
        // Additive: it is not covered by a change that waits, its caller waits for this one.
        var change = TransactionEvents.Of(transactionId, SyncMode.Additive, SyncAction.Repair, TransactionTelemetry.RepairLabel, first.OffenderNo,
            first.BookingId?.ToString(CultureInfo.InvariantCulture));
        return await requests.RepairAsync("transactions", change, user, () => Results.NoContent(), cancellationToken);
    }

    static async Task<IResult> PayloadAsync(long transactionId, INomisTransactions nomis, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(transactionId, nomis, $"No prisoner transaction for {Text(transactionId)} was found", cancellationToken);
        return rows.Count == 0
            ? ErrorBody.Of(500, "Unexpected error: ", $"{Text(transactionId)} has no prisoner's rows").ToResult()
            : Results.Json(TransactionTranslation.Translate(rows, Guid.NewGuid()));
    }

    static async Task<List<OffenderTransaction>> ReadAsync(long transactionId, INomisTransactions nomis, string notFound, CancellationToken cancellationToken)
    {
        var read = await Answers.Of(Upstreams.Nomis, ct => nomis.GetTransaction(transactionId, ct), cancellationToken);
        if (read.IsRefusedWith(HttpStatusCode.NotFound))
            throw new NotFoundException(notFound);
        return read.IsDone ? read.Body : throw UpstreamException.From(read);
    }

    static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
