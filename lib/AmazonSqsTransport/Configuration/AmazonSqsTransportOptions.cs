namespace MassTransit;

/// <summary>
/// The host from configuration, for a bus whose callback calls no <c>Host</c>: <c>services.AddOptions&lt;AmazonSqsTransportOptions&gt;().BindConfiguration("…")</c>.
/// A bus other than the default one has options by its interface's name.
/// </summary>
public sealed class AmazonSqsTransportOptions
{
    /// <summary>The AWS region, for example <c>eu-west-2</c>; null or empty: these options are not used.</summary>
    public string? Region { get; set; }

    /// <summary>The prefix of queue names; null or empty for none.</summary>
    public string? Scope { get; set; }

    /// <summary>The access key; null or empty, here or for <see cref="SecretKey" />, for the SDK's default chain.</summary>
    public string? AccessKey { get; set; }

    /// <summary>The secret key; goes with <see cref="AccessKey" />.</summary>
    public string? SecretKey { get; set; }
}
