using Migration.Simulator.Sqs.Protocol;

namespace Migration.Simulator.Sqs;

/// <summary>Amazon's own limits (SQS developer guide, "Amazon SQS message quotas" and the action reference).</summary>
internal static class SqsLimits
{
    public const int BatchEntries = 10;
    public const int MessageBytes = 1024 * 1024;
    public const int MessageAttributes = 10;
    public const int DelaySeconds = 900;
    public const int VisibilitySeconds = 43_200;
    public const int WaitSeconds = 20;
    public const int InFlight = 120_000;
    public const int DeduplicationSeconds = 300;

    /// <summary>Returns the value, or refuses the request when it lies outside the range.</summary>
    public static int Range(string parameter, int value, int minimum, int maximum) => value >= minimum && value <= maximum
        ? value
        : throw SqsException.InvalidParameter(parameter, value, $"Must be between {minimum} and {maximum}, if provided.");
}
