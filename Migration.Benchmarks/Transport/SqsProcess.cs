using System.Globalization;
using System.Net.Http.Json;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using MassTransit;
using Migration.Local.Parts;
using Migration.Simulator.Sqs;

namespace Migration.Benchmarks.Transport;

/// <summary>The local SQS endpoint as a process of its own, so that its work is not mistaken for the client's.</summary>
sealed class SqsProcess : IAsyncDisposable
{
    static readonly BasicAWSCredentials Anybody = new("local", "local");

    readonly ChildProcess _process;
    readonly string _folder;
    readonly HttpClient _http = new();

    SqsProcess(ChildProcess process, string folder, Uri url)
    {
        _process = process;
        _folder = folder;
        Url = url;
        Client = new AmazonSQSClient(Anybody, ClientConfig());
    }

    public Uri Url { get; }

    public AmazonSQSClient Client { get; }

    public static async Task<SqsProcess> StartAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("transport-benchmark-").FullName;
        var url = LocalEnvironment.LoopbackAddress();
        var process = ChildProcess.Start("sqs", "Migration.Simulator", folder, ["sqs", "--port", url.Port.ToString(CultureInfo.InvariantCulture)],
            new Dictionary<string, string?>(StringComparer.Ordinal));
        SqsProcess sqs = new(process, folder, url);
        await process.WaitUntilUpAsync(sqs._http, new Uri(url, "health"), TimeSpan.FromSeconds(30), cancellationToken);
        return sqs;
    }

    /// <summary>Makes it the host of a bus.</summary>
    public void Use(IAmazonSqsBusFactoryConfigurator bus) => bus.Host("eu-west-2", h =>
    {
        h.Credentials(Anybody);
        h.Config(ClientConfig());
    });

    /// <summary>Requests since the start, of one action or (null) of all.</summary>
    public async Task<long> RequestsAsync(string? action, CancellationToken cancellationToken)
    {
        var counts = await _http.GetFromJsonAsync<SqsRequestCounts>(new Uri(Url, "simulator/sqs/requests"), cancellationToken);
        return (action is null ? counts?.Total : counts?.ByAction.GetValueOrDefault(action)) ?? 0;
    }

    public async Task<IReadOnlyList<SqsQueueDepth>> QueuesAsync(CancellationToken cancellationToken) =>
        await _http.GetFromJsonAsync<SqsQueueDepth[]>(new Uri(Url, "simulator/sqs/queues"), cancellationToken) ?? [];

    public Task SetFaultsAsync(SqsFaults faults, CancellationToken cancellationToken) =>
        _http.PutAsJsonAsync(new Uri(Url, "simulator/sqs/faults"), faults, cancellationToken);

    public async Task<string> CreateQueueAsync(string name, CancellationToken cancellationToken) =>
        (await Client.CreateQueueAsync(new CreateQueueRequest(name), cancellationToken)).QueueUrl;

    /// <summary>Waits until nothing is visible or in flight.</summary>
    public async Task WaitUntilEmptyAsync(string name, CancellationToken cancellationToken)
    {
        while ((await QueuesAsync(cancellationToken)).Any(x => x.Name == name && x is not { Visible: 0, InFlight: 0, Delayed: 0 }))
            await Task.Delay(5, cancellationToken);
    }

    AmazonSQSConfig ClientConfig() => new() { ServiceURL = Url.ToString() };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _http.Dispose();
        await ProcessEnd.StopAsync(_process.Identity);
        Directory.Delete(_folder, recursive: true);
    }
}
