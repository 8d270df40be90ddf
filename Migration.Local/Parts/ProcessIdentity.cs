using System.Diagnostics;

namespace Migration.Local.Parts;

/// <summary>A process that we started. Its id alone would name a stranger's, once it has ended and the system gives the id again.</summary>
/// <param name="Id">Process id.</param>
/// <param name="StartedAt">When it began, UTC.</param>
sealed record ProcessIdentity(int Id, DateTime StartedAt)
{
    // The system counts in ticks since boot; two readers may differ by some of them.
    static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    public static ProcessIdentity Of(Process process) => new(process.Id, process.StartTime.ToUniversalTime());

    public bool IsAlive
    {
        get
        {
            using var process = Find();
            return process is { HasExited: false };
        }
    }

    /// <summary>Null when it has ended.</summary>
    public Process? Find()
    {
        Process? process = null;
        try
        {
            process = Process.GetProcessById(Id);
            if ((process.StartTime.ToUniversalTime() - StartedAt).Duration() < Tolerance)
                return process;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // before we could look at it
        }
        process?.Dispose();
        return null;
    }
}
