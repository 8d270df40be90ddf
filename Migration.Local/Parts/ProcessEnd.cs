using System.Diagnostics;
using System.Globalization;

namespace Migration.Local.Parts;

/// <summary>Ends processes: politely, and after a while by force.</summary>
static class ProcessEnd
{
    // Three stages of these must fit into the time that a terminal's Ctrl+C gives us.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>One stage after the other, the processes of a stage side by side.</summary>
    public static async Task StopAsync(IEnumerable<IEnumerable<ProcessIdentity>> stages)
    {
        foreach (var stage in stages)
            await Task.WhenAll(stage.Select(StopAsync));
    }

    public static async Task StopAsync(ProcessIdentity identity)
    {
        using var process = identity.Find();
        if (process is null)
            return;
        // SIGINT: our programs stop at it, and it is Postgres's fast shutdown.
        using (var kill = Process.Start(new ProcessStartInfo("kill", ["-INT", identity.Id.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false, RedirectStandardError = true }))
            await kill!.WaitForExitAsync();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
