using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace Migration.Simulator.Http;

/// <summary>Takes a request to its operation, through interceptors, faults, token and contract, and writes what comes of it.</summary>
internal sealed class Front(Estate estate, Inspection.InspectionApi inspection)
{
    private readonly Dictionary<string, Operation[]> _byUpstream = estate.Operations.GroupBy(operation => operation.Upstream).ToDictionary(group => group.Key, group => group.ToArray());

    public async Task Serve(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var end = target.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? target : target[..end];
        var slash = path.IndexOf('/', 1);
        var upstream = slash < 0 ? path[1..] : path[1..slash];
        if (upstream == "simulator")
        {
            await inspection.Serve(http);
            return;
        }

        if (slash < 0 || !_byUpstream.TryGetValue(upstream, out var operations) || Find(operations, http, path, slash) is not { } call)
        {
            await Write(http, Reply.Error(404, $"Nothing is simulated at {path}"));
            return;
        }

        using (call)
        {
            await Serve(call, path);
        }
    }

    private static Call? Find(Operation[] operations, HttpContext http, string path, int start)
    {
        foreach (var operation in operations)
        {
            if (operation.Match(http.Request.Method, path.AsSpan(start)) is { } values)
                return new Call(http, operation, values);
        }

        return null;
    }

    private async Task Serve(Call call, string path)
    {
        var http = call.Http;
        try
        {
            await call.ReadBody(http.RequestAborted);
            var reply = estate.Interceptors.Any ? await Intercepted(call, path) : await TakeEffect(call);
            if (reply is { } answer && !http.RequestAborted.IsCancellationRequested)
                await Write(http, answer);
            call.Operation.Count(http.RequestAborted.IsCancellationRequested ? 0 : http.Response.StatusCode);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            call.Operation.Count(0);
        }
    }

    /// <summary>Null when the interceptor has answered in its own way.</summary>
    private async Task<Reply?> Intercepted(Call call, string path)
    {
        var operation = call.Operation;
        if (estate.Interceptors.For(new EstateRequest(operation.Upstream, operation.Name, operation.Method, path, call.NomisId)) is not { } handler)
            return await TakeEffect(call);

        Reply? reply = null;
        await handler(call.Http, async () => reply = await TakeEffect(call));
        return call.Http.Response.HasStarted || call.Http.Response.StatusCode != StatusCodes.Status200OK ? null : reply;
    }

    /// <summary>Null when the connection was cut.</summary>
    private async ValueTask<Reply?> TakeEffect(Call call)
    {
        if (call.Operation.Name == Operations.Ping)
            return call.Operation.Handle(call);

        var (fault, setting, number) = estate.Faults.Next(call.Operation.Upstream);
        if (setting.LatencyMs > 0)
            await Task.Delay(setting.LatencyMs, call.Http.RequestAborted);
        switch (fault)
        {
            case Fault.Error:
                return Reply.Error(number % 2 == 0 ? 500 : 503, "Simulated error");
            case Fault.Throttle:
                return Reply.Error(429, "Simulated throttling") with { RetryAfterSeconds = setting.RetryAfterSeconds };
            case Fault.Reset:
                call.Http.Abort();
                return null;
            case Fault.LostResponse:
                Answer(call);
                call.Http.Abort();
                return null;
            case Fault.Timeout:
                if (number % 2 == 0)
                    Answer(call);
                await Task.Delay(Timeout.Infinite, call.Http.RequestAborted);
                return null;
            default:
                return Answer(call);
        }
    }

    private Reply Answer(Call call)
    {
        var operation = call.Operation;
        if (operation.Role is { } role && estate.Tokens.RefusalOf(call.Http.Request.Headers.Authorization.ToString(), role) is { } refusal)
            return Reply.Error(refusal, refusal == 401 ? "Unauthorized" : "Forbidden");
        if (operation.MediaType is { } mediaType && call.Http.Request.ContentType?.StartsWith(mediaType, StringComparison.OrdinalIgnoreCase) != true)
            return Reply.Error(415, $"Content-Type '{call.Http.Request.ContentType}' is not supported");
        if (operation.Contract?.ErrorOf(call.PathValues, call.Query, call.Json) is not { } error)
            return operation.Handle(call);

        estate.CountInvalid(operation, error);
        return Reply.Error(400, $"The request does not match the API document: {error}");
    }

    internal static async Task Write(HttpContext http, Reply reply)
    {
        var response = http.Response;
        response.StatusCode = reply.Status;
        response.ContentLength = reply.Body.Length;
        if (reply.ContentType is not null)
            response.ContentType = reply.ContentType;
        if (reply.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (!reply.Body.IsEmpty)
            await response.BodyWriter.WriteAsync(reply.Body, http.RequestAborted);
    }
}
