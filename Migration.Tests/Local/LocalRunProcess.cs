using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Migration.Tests.Local;

/// <summary>./run as a user starts it, but for its build: with a temporary folder of its own, so that it meets nobody's environment.</summary>
sealed class LocalRunProcess : IDisposable
{
    // What a killed process had in hand is waited for; and a service that is started again and again is to be quick about it.
    static readonly Dictionary<string, string> Times = new()
    {
        ["DOTNET_TieredCompilation"] = "1",
        ["DOTNET_TieredPGO"] = "0",
        ["API_TIMEOUT"] = "10s",
        ["API_MAPPING_TIMEOUT"] = "10s",
        ["Engine__Lease"] = "00:00:10",
        ["Engine__RenewEvery"] = "00:00:03",
        ["Engine__LeaseReserve"] = "00:00:02",
        ["Engine__SettleTime"] = "00:00:10",
        ["Engine__SweepEvery"] = "00:00:01",
        ["Engine__SenderGrace"] = "00:00:02",
        ["Syncs__Lease"] = "00:00:10",
        ["Syncs__RenewEvery"] = "00:00:03",
        ["Syncs__GrantHeardWithin"] = "00:00:05",
        ["Syncs__BackOff__0"] = "00:00:01",
    };

    readonly List<string> _lines = [];
    readonly Process _process;

    LocalRunProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>All that it has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public static LocalRunProcess Start(string folder, params string[] options)
    {
        // Tests that a shell runs in the background inherit an ignored SIGINT from it, and so would this process: a user's terminal does not do that.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Migration.Local.dll"), .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["TMPDIR"] = folder;
        foreach (var (name, value) in Times)
            start.Environment[name] = value;
        var run = new LocalRunProcess(Process.Start(start)!);
        run._process.OutputDataReceived += (_, line) => run.Add(line.Data);
        run._process.ErrorDataReceived += (_, line) => run.Add(line.Data);
        run._process.BeginOutputReadLine();
        run._process.BeginErrorReadLine();
        return run;
    }

    /// <summary>Runs to the end; the exit code, and the object in the last line of what it printed.</summary>
    public static async Task<(int ExitCode, JsonObject Report)> RunAsync(string folder, params string[] options)
    {
        using var run = Start(folder, [.. options, "--json"]);
        var exitCode = await run.EndAsync();
        var last = run.Output.Split('\n').LastOrDefault(x => x.StartsWith('{'));
        Assert.That(last, Is.Not.Null, $"{exitCode}: {run.Output}");
        return (exitCode, JsonNode.Parse(last)!.AsObject());
    }

    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            var children = Process.GetProcesses().Count(x => x.ProcessName.StartsWith("dotnet", StringComparison.Ordinal) || x.ProcessName == "postgres");
            Assert.Fail($"It has not ended ({(_process.HasExited ? "but for somebody who holds its output" : "it still runs")}, {children} processes that could be its own): {Output}");
        }
        return _process.ExitCode;
    }

    void Add(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
            _lines.Add(line);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
