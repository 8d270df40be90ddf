using System.Diagnostics;
using System.Globalization;

namespace Migration.Tests.Transport;

/// <summary>A process that consumes until it is killed; its runtime starts at once, its bus when it is told to.</summary>
sealed class ConsumingProcess : IDisposable
{
    readonly Process _process;
    int _held;

    public ConsumingProcess(Uri sqs, Action<int> consumed)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [typeof(TransportProcess).Assembly.Location, TransportProcess.Consume, sqs.ToString()])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false
            }
        };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data == TransportProcess.Holds)
                Interlocked.Increment(ref _held);
            else if (int.TryParse(line.Data, CultureInfo.InvariantCulture, out var number))
                consumed(number);
        };
        _process.Start();
        _process.BeginOutputReadLine();
    }

    /// <summary>Messages that it has told of, and that do not end.</summary>
    public int Held => Volatile.Read(ref _held);

    public void Begin() => _process.StandardInput.WriteLine();

    public async Task KillAsync()
    {
        Assert.That(_process.HasExited, Is.False, "it did not end by itself");
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
