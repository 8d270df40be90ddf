using System.Security.Claims;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Migration.Api.Errors;
using Migration.Api.Security;
using Migration.Contracts;
using Migration.Contracts.Runs;
using Migration.Sagas.Domains;
using Migration.Sagas.Runs;

namespace Migration.Api.Runs;

/// <summary>The part of a start endpoint that every domain shares (spec: engine 3.2).</summary>
sealed class StartRequest(IServiceScopeFactory scopes, RunQueries runs, DomainRegistry domains, IOptions<EngineOptions> options)
{
    /// <summary>Starts the run and waits, within bounds, for its count, so that the answer can carry it.</summary>
    /// <param name="type">The domain's type.</param>
    /// <param name="filter">A validated filter.</param>
    /// <param name="json">How the domain writes its filter.</param>
    public async Task<IResult> StartAsync<TFilter>(MigrationType type, TFilter filter, JsonSerializerOptions json, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var filterJson = JsonSerializer.Serialize(filter, json);
        var run = await CommitAsync(type, filterJson, user.Who(), cancellationToken);
        var counted = await RunEndpoints.WaitAsync(runs, run.RunId, x => x.State is not (RunState.Requested or RunState.Estimating), options.Value.StartWait, cancellationToken);
        if (counted is { State: RunState.Failed })
            return ErrorBody.Of(500, "Unexpected error: ", $"{run.RunId} could not be counted: {counted.FailureReason}").ToResult();

        using var body = JsonDocument.Parse(filterJson);
        return Results.Json(new StartedView(type, run.RunId, counted?.EstimatedCount ?? 0, body.RootElement.Clone(), new Dictionary<string, object>()), statusCode: 202);
    }

    // In a scope of its own: the end of the scope tells the outbox to send. The request's would end only after the count, which waits for what is sent.
    async Task<Run> CommitAsync(MigrationType type, string filterJson, string who, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RunStarter>()
            .StartAsync(domains.Find(type)!, filterJson, who, cancellationToken); // the route exists because the domain does
    }

    /// <summary>Reads a JSON object of a known shape; anything else is the caller's mistake, and is told.</summary>
    /// <exception cref="InvalidRequestException">Not JSON, not an object, or a property of a wrong type.</exception>
    public static async Task<TFilter> ReadAsync<TFilter>(HttpRequest request, JsonSerializerOptions json, CancellationToken cancellationToken) where TFilter : class
    {
        if (!request.HasJsonContentType())
            throw InvalidRequestException.BadRequest("send a JSON object with content type application/json");
        try
        {
            return await JsonSerializer.DeserializeAsync<TFilter>(request.Body, json, cancellationToken)
                ?? throw InvalidRequestException.BadRequest("the body must be a JSON object");
        }
        catch (JsonException exception)
        {
            var where = string.IsNullOrEmpty(exception.Path) || exception.Path == "$" ? "the body" : exception.Path[2..];
            throw InvalidRequestException.BadRequest($"{where} cannot be read");
        }
    }
}

/// <summary>The context of a started migration, as the reference answers it.</summary>
public sealed record StartedView(MigrationType Type, string MigrationId, long EstimatedCount, JsonElement Body, IReadOnlyDictionary<string, object> Properties);
