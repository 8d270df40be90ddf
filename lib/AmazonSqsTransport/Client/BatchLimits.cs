namespace MassTransit.AmazonSqsTransport;

/// <summary>When a request goes out.</summary>
/// <param name="Concurrency">Requests under way at once.</param>
/// <param name="IdleLinger">How long a lone entry waits for company while no request is under way; zero sends it at once.</param>
/// <param name="BusyLinger">How long an incomplete batch waits while the queue is busy: a request is under way, or one with several entries just was.</param>
sealed record BatchLimits(int Concurrency, TimeSpan IdleLinger, TimeSpan BusyLinger)
{
    /// <summary>SQS takes ten entries a request.</summary>
    public const int MaxEntries = 10;

    /// <summary>SQS takes 1 MiB a message, attributes included.</summary>
    public const int MaxMessageBytes = 1024 * 1024;

    /// <summary>SQS takes 1 MiB a request; the rest is left for what it counts and we do not see.</summary>
    public const int MaxBytes = MaxMessageBytes - 4096;
}
