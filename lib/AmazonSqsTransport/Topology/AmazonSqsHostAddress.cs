namespace MassTransit;

/// <summary>Address of a host: <c>amazonsqs://region[/scope]</c>.</summary>
public readonly record struct AmazonSqsHostAddress
{
    /// <summary>The scheme of all addresses of this transport.</summary>
    public const string AmazonSqsScheme = "amazonsqs";

    /// <summary>Parses a host address. Throws <see cref="ArgumentException" /> when it is none.</summary>
    public AmazonSqsHostAddress(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.Scheme.Equals(AmazonSqsScheme, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"An SQS host address starts with {AmazonSqsScheme}://, not: {address}", nameof(address));

        var path = Uri.UnescapeDataString(address.AbsolutePath.Trim('/'));
        Host = address.Host;
        Scope = path.Length == 0 ? null : path;
    }

    /// <summary>Makes a host address of its parts.</summary>
    public AmazonSqsHostAddress(string host, string? scope)
    {
        Host = host;
        Scope = string.IsNullOrWhiteSpace(scope) ? null : scope;
    }

    /// <summary>The region, or the name of a local endpoint.</summary>
    public string Host { get; }

    /// <summary>Prefix of the queue names; null for none.</summary>
    public string? Scope { get; }

    /// <summary>The address as a URI.</summary>
    public Uri ToUri() => new(Scope is null ? $"{AmazonSqsScheme}://{Host}/" : $"{AmazonSqsScheme}://{Host}/{Scope}");
}
