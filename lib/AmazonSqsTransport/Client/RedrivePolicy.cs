using System.Globalization;
using System.Text.Json;

namespace MassTransit.AmazonSqsTransport;

/// <summary>The <c>RedrivePolicy</c> attribute of a queue, which is JSON in a string.</summary>
readonly record struct RedrivePolicy(string DeadLetterTargetArn, int MaxReceiveCount)
{
    public const string AttributeName = "RedrivePolicy";

    public string ToJson() => $$"""{"deadLetterTargetArn":"{{DeadLetterTargetArn}}","maxReceiveCount":"{{MaxReceiveCount.ToString(CultureInfo.InvariantCulture)}}"}""";

    /// <summary>Null when there is none. The count may be written as a number or as a string.</summary>
    public static RedrivePolicy? Parse(string? json)
    {
        if (string.IsNullOrEmpty(json))
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            var target = document.RootElement.GetProperty("deadLetterTargetArn").GetString() ?? "";
            return int.TryParse(document.RootElement.GetProperty("maxReceiveCount").ToString(), CultureInfo.InvariantCulture, out var count)
                ? new RedrivePolicy(target, count)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
