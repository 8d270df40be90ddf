using System.Text.RegularExpressions;

namespace MassTransit;

/// <summary>
/// Address of a queue, <c>amazonsqs://region[/scope]/queue[?temporary=true]</c> or <c>queue:name</c>, or of a published type,
/// <c>amazonsqs://region[/scope]/name?type=topic</c> or <c>topic:name</c>.
/// </summary>
public readonly partial record struct AmazonSqsEndpointAddress
{
    /// <summary>Parses an address. Throws <see cref="ArgumentException" /> when it is none, or names a FIFO queue.</summary>
    public AmazonSqsEndpointAddress(Uri hostAddress, Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var host = new AmazonSqsHostAddress(hostAddress);
        Host = host.Host;
        Scope = host.Scope;
        switch (address.Scheme)
        {
            case AmazonSqsHostAddress.AmazonSqsScheme:
                var segments = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
                if (segments.Length is 0 or > 2)
                    throw new ArgumentException($"Expected amazonsqs://region[/scope]/queue, not: {address}", nameof(address));
                Host = address.Host;
                Scope = segments.Length == 2 ? segments[0] : null;
                Name = segments[^1];
                break;
            case "queue":
                Name = address.AbsolutePath;
                break;
            case "topic" or "exchange":
                Name = address.AbsolutePath;
                IsTopic = true;
                break;
            default:
                throw new ArgumentException($"The address scheme is not supported: {address}", nameof(address));
        }

        foreach (var option in address.Query.TrimStart('?').Split('&'))
        {
            IsTopic |= option.Equals("type=topic", StringComparison.OrdinalIgnoreCase);
            IsTemporary |= option.Equals("temporary=true", StringComparison.OrdinalIgnoreCase);
        }
        ThrowIfNotSupported(Name);
    }

    /// <summary>Makes the address of a queue or a published type. Throws <see cref="ArgumentException" /> for a FIFO queue or an invalid name.</summary>
    public AmazonSqsEndpointAddress(Uri hostAddress, string name, bool isTopic = false, bool isTemporary = false)
    {
        var host = new AmazonSqsHostAddress(hostAddress);
        ThrowIfNotSupported(name);
        Host = host.Host;
        Scope = host.Scope;
        Name = name;
        IsTopic = isTopic;
        IsTemporary = isTemporary;
    }

    /// <summary>The region.</summary>
    public string Host { get; }

    /// <summary>Prefix of the queue name; null for none.</summary>
    public string? Scope { get; }

    /// <summary>The name without scope.</summary>
    public string Name { get; }

    /// <summary>True for the address of a published type.</summary>
    public bool IsTopic { get; }

    /// <summary>True for a queue that its owner deletes when it stops. A sender never creates such a queue.</summary>
    public bool IsTemporary { get; }

    /// <summary>The queue's name at SQS.</summary>
    public string EntityName => Scope is null ? Name : $"{Scope}_{Name}";

    /// <summary>The address as a URI.</summary>
    public Uri ToUri()
    {
        var query = (IsTopic, IsTemporary) switch
        {
            (true, _) => "?type=topic",
            (false, true) => "?temporary=true",
            _ => ""
        };
        return new Uri($"{new AmazonSqsHostAddress(Host, Scope).ToUri().ToString().TrimEnd('/')}/{Name}{query}");
    }

    static void ThrowIfNotSupported(string name)
    {
        // Order within a group would need a consumer for each group and rules out per-message delays: scheduling and redelivery would break silently.
        if (name.EndsWith(".fifo", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"FIFO queues are not supported, use a standard queue: {name}", nameof(name));
        if (!QueueName().IsMatch(name))
            throw new ArgumentException($"A queue name has 1 to 80 letters, digits, hyphens and underscores, not: {name}", nameof(name));
    }

    // Names of published types never reach SQS and may be longer; SQS itself refuses queue names above 80.
    [GeneratedRegex("^[A-Za-z0-9_-]{1,256}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QueueName();
}
