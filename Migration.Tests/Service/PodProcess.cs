using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>The service as a process of its own, to be killed.</summary>
sealed class PodProcess : IAsyncDisposable
{
    readonly Process _process;

    PodProcess(Process process) => _process = process;

    /// <summary>Ready for work when it returns.</summary>
    public static async Task<PodProcess> StartAsync(World world, IReadOnlyDictionary<string, string?>? changes = null)
    {
        var address = FreeAddress();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Migration.Api.dll")]) { UseShellExecute = false, WorkingDirectory = AppContext.BaseDirectory };
        foreach (var (key, value) in world.Settings(changes))
            start.Environment[key.Replace(":", "__")] = value;
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["DOTNET_TieredCompilation"] = "1"; // to be up soon counts for more here than speed
        var pod = new PodProcess(Process.Start(start)!);
        using var http = new HttpClient();
        await Eventually.IsTrue(async () =>
        {
            Assert.That(pod._process.HasExited, Is.False, "the pod has ended");
            try
            {
                using var response = await http.GetAsync(new Uri(address, "health/readiness"));
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false; // not listening yet
            }
        });
        return pod;
    }

    /// <summary>As kill -9 does: nothing is ended, nothing is handed back.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }
}
