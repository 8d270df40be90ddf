namespace Migration.Clients.Configuration;

/// <summary>Configuration keys of one upstream.</summary>
internal sealed record UpstreamKeys(
    string Name, string Description, string BaseUrl, string ClientId, string ClientSecret, string Timeout, TimeSpan DefaultTimeout);

/// <summary>Where an upstream is and how we show who we are. Named options: the name is one of <see cref="Upstreams"/>.</summary>
public sealed class UpstreamOptions
{
    /// <summary>May carry a path prefix.</summary>
    public Uri BaseUrl { get; set; } = Unset;

    public string ClientId { get; set; } = "";

    public string ClientSecret { get; set; } = "";

    /// <summary>From the first byte sent to the last byte received, with all repeats of a read.</summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>What is wrong with the configuration, each with what to set.</summary>
    internal List<string> Problems { get; } = [];

    internal static readonly Uri Unset = new("http://unset.invalid");
}

/// <summary>HMPPS Auth, which issues the tokens for all upstreams.</summary>
public sealed class AuthOptions
{
    /// <summary>Ends in <c>/auth</c>.</summary>
    public Uri BaseUrl { get; set; } = UpstreamOptions.Unset;

    public TimeSpan Timeout { get; set; }

    internal List<string> Problems { get; } = [];
}
