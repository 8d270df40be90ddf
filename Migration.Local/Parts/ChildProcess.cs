using System.Diagnostics;

namespace Migration.Local.Parts;

/// <summary>One of our programs as a process of its own, with its output in a file. It outlives us when it is left up.</summary>
sealed class ChildProcess
{
    readonly Process _process;
    readonly string _log;

    ChildProcess(Process process, string name, string log) => (_process, Name, _log, Identity) = (process, name, log, ProcessIdentity.Of(process));

    public string Name { get; }
    public ProcessIdentity Identity { get; }

    /// <param name="name">For messages and the log file.</param>
    /// <param name="assembly">Name of the program, beside this one.</param>
    /// <param name="folder">Where its log goes.</param>
    public static ChildProcess Start(string name, string assembly, string folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var log = Path.Combine(folder, name + ".log");
        var program = Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
        // A shell only to point the output at a file: a pipe to us would break when we leave the process up.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$LOCAL_LOG\" 2>&1 </dev/null", "sh", "dotnet", program, .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        start.Environment["LOCAL_LOG"] = log;
        return new ChildProcess(Process.Start(start) ?? throw new LocalRunException($"{name} did not start"), name, log);
    }

    /// <summary>Waits until the address answers 2xx.</summary>
    /// <exception cref="LocalRunException">The process ended, or did not answer in time; the message holds the end of its log.</exception>
    public async Task WaitUntilUpAsync(HttpClient http, Uri address, TimeSpan patience, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited)
                throw new LocalRunException($"{Name} ended with {_process.ExitCode}:\n{LogTail()}");
            try
            {
                using var response = await http.GetAsync(address, cancellationToken);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (Exception exception) when (exception is (HttpRequestException or TaskCanceledException) && !cancellationToken.IsCancellationRequested)
            {
                // not listening yet, or too busy with its start to answer in time
            }
            if (waited.Elapsed > patience)
                throw new LocalRunException($"{Name} did not answer at {address} within {patience.TotalSeconds:0} s:\n{LogTail()}");
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>Without warning.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    string LogTail() => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(20)) : "";
}
