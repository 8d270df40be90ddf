using Microsoft.Extensions.Options;
using Migration.Clients.Configuration;
using Migration.Sagas.Domains;

namespace Migration.Sagas.Runs;

/// <summary>The engine's times against those of the HTTP clients, checked at start: a claim must outlive its calls, and a look must come after the last of them.</summary>
sealed class TimeLimits(DomainRegistry domains, IOptionsMonitor<UpstreamOptions> upstreams) : IValidateOptions<EngineOptions>
{
    static readonly TimeSpan Reserve = TimeSpan.FromSeconds(10);

    public ValidateOptionsResult Validate(string? name, EngineOptions options)
    {
        var errors = new List<string>();
        foreach (var domain in domains.All)
        {
            var timeouts = domain.Calls.Select(x => upstreams.Get(x).Timeout).ToArray();
            var longest = timeouts.Aggregate(Reserve, (sum, x) => sum + x);
            if (options.StepDeadline < longest)
                errors.Add($"Engine:StepDeadline ({options.StepDeadline}) is shorter than the calls of a record of {domain.Name} may take ({longest}): raise it, or lower API_TIMEOUT.");
            if (options.SettleTime < timeouts.DefaultIfEmpty(TimeSpan.Zero).Max())
                errors.Add($"Engine:SettleTime ({options.SettleTime}) is shorter than the longest time-out of {domain.Name}: a call could land after the look.");
        }
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
