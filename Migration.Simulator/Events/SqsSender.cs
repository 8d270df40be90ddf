using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Migration.Simulator.Events;

/// <summary>Puts messages on queues of any SQS endpoint that takes no credentials.</summary>
internal sealed class SqsSender(Uri endpoint) : IDisposable
{
    private const int BatchSize = 10;
    private const int Tries = 5;

    private readonly HttpClient _http = new() { BaseAddress = endpoint };
    private readonly ConcurrentDictionary<string, string> _urls = new();

    /// <summary>Sends in batches, in order, and what a batch refuses once more.</summary>
    /// <exception cref="HttpRequestException">The endpoint or the queue is not there.</exception>
    public async Task SendAsync(string queue, IReadOnlyList<string> bodies, CancellationToken ct)
    {
        foreach (var batch in bodies.Chunk(BatchSize))
            await SendBatchAsync(await UrlOfAsync(queue, ct), batch, ct);
    }

    public void Dispose() => _http.Dispose();

    private async Task SendBatchAsync(string url, IReadOnlyList<string> bodies, CancellationToken ct)
    {
        var left = bodies;
        for (var number = 0; left.Count > 0; number++)
        {
            if (number == Tries)
                throw new HttpRequestException($"{left.Count} messages were refused {Tries} times.");
            var entries = left.Select((body, index) => new { Id = $"m{index}", MessageBody = body });
            var answer = await CallAsync("SendMessageBatch", new { QueueUrl = url, Entries = entries }, ct);
            var refused = (answer["Failed"]?.AsArray() ?? []).Select(entry => int.Parse(((string)entry!["Id"]!)[1..], System.Globalization.CultureInfo.InvariantCulture)).ToList();
            left = [.. refused.Select(index => left[index])];
        }
    }

    private async Task<string> UrlOfAsync(string queue, CancellationToken ct)
    {
        if (!_urls.TryGetValue(queue, out var url))
            _urls[queue] = url = (string)(await CallAsync("GetQueueUrl", new { QueueName = queue }, ct))["QueueUrl"]!;
        return url;
    }

    private async Task<JsonNode> CallAsync(string action, object request, CancellationToken ct)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "");
        message.Headers.Add("X-Amz-Target", $"AmazonSQS.{action}");
        message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request)));
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.0");
        using var response = await _http.SendAsync(message, ct);
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(ct)) ?? throw new HttpRequestException($"{action} was answered with nothing.");
    }
}
