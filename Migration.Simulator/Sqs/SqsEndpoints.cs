using System.Buffers;
using System.Text.Json;
using Migration.Simulator.Sqs.Actions;
using Migration.Simulator.Sqs.Protocol;

namespace Migration.Simulator.Sqs;

/// <summary>Maps the protocol (AWS JSON 1.0) and the simulator's own routes.</summary>
public static class SqsEndpoints
{
    const string ContentType = "application/x-amz-json-1.0";

    /// <summary>
    /// <c>POST /</c> and <c>POST /{account}/{queue}</c> speak SQS; <c>/simulator/sqs/queues</c> (GET, DELETE), <c>/simulator/sqs/requests</c> (GET) and
    /// <c>/simulator/sqs/faults</c> (GET, PUT) show and change the simulator.
    /// </summary>
    public static WebApplication MapSqs(this WebApplication app, SqsBroker broker)
    {
        // Polls that wait must not hold up the end of the server.
        var stopping = app.Lifetime.ApplicationStopping;
        app.MapPost("/", context => HandleAsync(context, broker, stopping));
        app.MapPost("/{account:long}/{queue}", context => HandleAsync(context, broker, stopping));

        var json = SqsInspectionJson.Default;
        var simulator = app.MapGroup("/simulator/sqs");
        simulator.MapGet("/queues", context => context.Response.WriteAsJsonAsync(broker.Depths, json.IEnumerableSqsQueueDepth));
        simulator.MapGet("/requests", context => context.Response.WriteAsJsonAsync(broker.Requests, json.SqsRequestCounts));
        simulator.MapGet("/faults", context => context.Response.WriteAsJsonAsync(broker.Faults, json.SqsFaults));
        simulator.MapDelete("/queues", context =>
        {
            broker.DeleteAllQueues();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        simulator.MapPut("/faults", async context =>
        {
            if (await context.Request.ReadFromJsonAsync(json.SqsFaults, context.RequestAborted) is { } faults)
                broker.Faults.ReplaceBy(faults);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        return app;
    }

    static async Task HandleAsync(HttpContext context, SqsBroker broker, CancellationToken stopping)
    {
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var buffer = ResponseBuffer.Rent();
        SqsCall? call = null;
        var isAnswered = false;
        try
        {
            try
            {
                call = await RunAsync(context, broker, buffer, aborted.Token, stopping);
            }
            catch (SqsException e)
            {
                WriteError(context.Response, buffer, e);
            }
            isAnswered = await TryRespondAsync(context, buffer.Complete(), carriesMessages: call is { Taken.Count: > 0 });
        }
        catch (OperationCanceledException)
        {
            // the client is gone, or the server is going: there is nobody to answer
            context.Abort();
        }
        finally
        {
            if (!isAnswered && !broker.Faults.CancelledPollsTakeMessages)
                call?.PutBackTaken();
            buffer.Return();
        }
    }

    static async Task<SqsCall> RunAsync(HttpContext context, SqsBroker broker, ResponseBuffer buffer, CancellationToken aborted, CancellationToken stopping)
    {
        var action = ActionOf(context);
        broker.Count(action);
        await MeetFaultsAsync(broker.Faults, action, aborted);
        var handler = SqsActions.All.GetValueOrDefault(action) ?? throw SqsException.UnknownAction(action);
        var outlivesClient = broker.Faults.CancelledPollsTakeMessages;
        var call = new SqsCall
        {
            Broker = broker,
            Request = await ReadAsync(context.Request, aborted),
            Json = buffer.Json,
            BaseUrl = $"{context.Request.Scheme}://{context.Request.Host}",
            Aborted = outlivesClient ? stopping : aborted,
            IsClientGone = () => !outlivesClient && new ClientConnection(context).IsGone,
        };
        try
        {
            buffer.Json.WriteStartObject();
            await handler(call);
            buffer.Json.WriteEndObject();
            return call;
        }
        catch
        {
            call.PutBackTaken();
            throw;
        }
    }

    static string ActionOf(HttpContext context)
    {
        var target = context.Request.Headers["X-Amz-Target"].ToString();
        return target[(target.LastIndexOf('.') + 1)..];
    }

    static async Task MeetFaultsAsync(SqsFaults faults, string action, CancellationToken cancellationToken)
    {
        if (faults.RefuseAll)
            throw SqsException.ServiceUnavailable();
        if (faults.RefuseCredentials)
            throw SqsException.InvalidClientToken();
        if (!faults.Concern(action))
            return;
        if (faults.Latency > TimeSpan.Zero)
            await Task.Delay(faults.Latency, cancellationToken);
        if (SqsFaults.Happens(faults.InternalErrorRate))
            throw SqsException.InternalError();
        if (SqsFaults.Happens(faults.OverLimitRate))
            throw SqsException.OverLimit("Simulated.");
        if (SqsFaults.Happens(faults.RequestThrottledRate))
            throw SqsException.RequestThrottled();
    }

    static async Task<SqsRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            if (!read.IsCompleted)
            {
                request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }
            try
            {
                return Parse(read.Buffer);
            }
            catch (JsonException e)
            {
                throw SqsException.MalformedRequest(e.Message);
            }
            finally
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
            }
        }
    }

    static SqsRequest Parse(ReadOnlySequence<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        return JsonSerializer.Deserialize(ref reader, SqsJson.Default.SqsRequest) ?? new SqsRequest();
    }

    static void WriteError(HttpResponse response, ResponseBuffer buffer, SqsException e)
    {
        buffer.Reset();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteString("__type", "com.amazonaws.sqs#" + e.Type);
        buffer.Json.WriteString("message", e.Message);
        buffer.Json.WriteEndObject();
        response.StatusCode = e.Status;
        response.Headers["x-amzn-query-error"] = $"{e.QueryCode};{(e.IsSenderFault ? "Sender" : "Receiver")}";
    }

    /// <summary>False when the client is known not to have got the answer.</summary>
    static async Task<bool> TryRespondAsync(HttpContext context, ReadOnlyMemory<byte> body, bool carriesMessages)
    {
        var client = new ClientConnection(context);
        if (carriesMessages && client.IsGone)
        {
            context.Abort();
            return false;
        }
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers["x-amzn-RequestId"] = context.TraceIdentifier;
        var written = await context.Response.BodyWriter.WriteAsync(body, CancellationToken.None);
        return !written.IsCompleted && !(carriesMessages && client.IsReset);
    }
}
