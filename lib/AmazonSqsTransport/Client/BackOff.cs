using System.Runtime.InteropServices;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Exponential delays with jitter, so that processes that failed together do not come back together.</summary>
[StructLayout(LayoutKind.Auto)]
readonly record struct BackOff(TimeSpan First, TimeSpan Longest)
{
    public TimeSpan Delay(int attempt)
    {
        var full = Math.Min(First.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 20)), Longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (0.75 + Random.Shared.NextDouble() / 4));
    }
}
