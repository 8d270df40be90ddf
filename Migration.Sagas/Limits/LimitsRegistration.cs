using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;

namespace Migration.Sagas.Limits;

public static class LimitsRegistration
{
    /// <summary>One <see cref="UpstreamLimits"/> for the process, fed by all HTTP clients of the host. Needs the ledger's database.</summary>
    public static IServiceCollection AddUpstreamLimits(this IServiceCollection services)
    {
        services.AddSingleton<UpstreamLimits>();
        services.AddHostedService(x => x.GetRequiredService<UpstreamLimits>());
        services.AddSingleton<IHttpMessageHandlerBuilderFilter, MeasureUpstreams>();
        return services;
    }
}
