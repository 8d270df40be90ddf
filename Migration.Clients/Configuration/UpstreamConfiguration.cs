using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Migration.Clients.Configuration;

/// <summary>Reads the settings of the upstreams and says what to set where one is missing or wrong.</summary>
internal sealed class UpstreamConfiguration(IConfiguration configuration)
    : IConfigureNamedOptions<UpstreamOptions>, IValidateOptions<UpstreamOptions>, IConfigureOptions<AuthOptions>, IValidateOptions<AuthOptions>
{
    public void Configure(string? name, UpstreamOptions options)
    {
        var keys = Upstreams.All.Single(upstream => upstream.Name == name);
        options.BaseUrl = ReadUrl(keys.BaseUrl, $"the base URL of the {keys.Description}", options.Problems);
        options.ClientId = ReadText(keys.ClientId, $"the client id that is registered for the {keys.Description}", options.Problems);
        options.ClientSecret = ReadText(keys.ClientSecret, $"the secret of that client of the {keys.Description}", options.Problems);
        options.Timeout = ReadDuration(keys.Timeout, keys.DefaultTimeout, options.Problems);
    }

    public void Configure(UpstreamOptions options) => throw new InvalidOperationException("The options of an upstream are asked for by its name.");

    public void Configure(AuthOptions options)
    {
        options.BaseUrl = ReadUrl("API_BASE_URL_HMPPS_AUTH", "the base URL of HMPPS Auth, which ends in /auth", options.Problems);
        options.Timeout = ReadDuration("API_AUTH_TIMEOUT", TimeSpan.FromSeconds(10), options.Problems);
    }

    public ValidateOptionsResult Validate(string? name, UpstreamOptions options) => ResultOf(options.Problems);

    public ValidateOptionsResult Validate(string? name, AuthOptions options) => ResultOf(options.Problems);

    private static ValidateOptionsResult ResultOf(List<string> problems) =>
        problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

    private string ReadText(string key, string meaning, List<string> problems)
    {
        var text = configuration[key];
        if (!string.IsNullOrWhiteSpace(text))
            return text;

        problems.Add($"{key} is not set. Set it to {meaning}.");
        return "";
    }

    private Uri ReadUrl(string key, string meaning, List<string> problems)
    {
        var text = configuration[key];
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return url;

        problems.Add(string.IsNullOrWhiteSpace(text)
            ? $"{key} is not set. Set it to {meaning}."
            : $"{key} is not a URL that starts with http:// or https://. Set it to {meaning}.");
        return UpstreamOptions.Unset;
    }

    private TimeSpan ReadDuration(string key, TimeSpan fallback, List<string> problems)
    {
        var text = configuration[key];
        if (string.IsNullOrWhiteSpace(text))
            return fallback;
        if (Duration.TryParse(text, out var duration) && duration > TimeSpan.Zero)
            return duration;

        problems.Add($"{key} is '{text}', which is not a duration. Set it to one such as 60s, 500ms, 2m or 00:01:00.");
        return fallback;
    }
}
