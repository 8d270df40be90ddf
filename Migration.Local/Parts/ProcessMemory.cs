using System.Globalization;

namespace Migration.Local.Parts;

/// <summary>Resident memory of another process, as Linux accounts for it.</summary>
static class ProcessMemory
{
    /// <summary>Highest resident memory since the process began, in MB; 0 where the system does not tell.</summary>
    public static double PeakMb(int processId)
    {
        var status = $"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/status";
        if (!File.Exists(status))
            return 0;
        var line = File.ReadLines(status).FirstOrDefault(x => x.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split([" ", "\t"], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
