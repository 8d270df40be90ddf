using System.Diagnostics;

namespace Migration.Local.Parts;

/// <summary>Ends processes by their ids: politely, and after a while by force.</summary>
static class ProcessEnd
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task StopAsync(IEnumerable<int> ids)
    {
        foreach (var id in ids)
            await StopAsync(id);
    }

    public static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    static async Task StopAsync(int id)
    {
        Process process;
        try
        {
            process = Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            return; // it is gone already
        }
        using (process)
        {
            // SIGINT: our programs stop at it, and it is Postgres's fast shutdown.
            using (var kill = Process.Start(new ProcessStartInfo("kill", ["-INT", id.ToString()]) { UseShellExecute = false, RedirectStandardError = true }))
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
}
