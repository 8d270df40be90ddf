using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Migration.Clients.Auth;
using Migration.Clients.Configuration;
using Migration.Clients.Http;
using Migration.Clients.NomisMapping;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.PrisonerFinance;
using Migration.Clients.SentencingAdjustments;
using Migration.Clients.VisitScheduler;
using Refit;

namespace Migration.Clients;

/// <summary>Registration of the clients of all upstreams.</summary>
public static class MigrationClients
{
    /// <summary>
    /// Adds a client for each interface below. What is missing in the configuration is reported when the host starts.
    /// </summary>
    public static IServiceCollection AddMigrationClients(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings(configuration);
        services.AddTokens();

        services.AddUpstream(Upstreams.Nomis);
        services.AddClient<INomisVisits>(Upstreams.Nomis);
        services.AddClient<INomisAdjustments>(Upstreams.Nomis);
        services.AddClient<INomisPrisoners>(Upstreams.Nomis);
        services.AddClient<INomisTransactions>(Upstreams.Nomis);

        services.AddUpstream(Upstreams.Mapping);
        services.AddClient<IVisitMappings>(Upstreams.Mapping);
        services.AddClient<IAdjustmentMappings>(Upstreams.Mapping);
        services.AddClient<ITransactionMappings>(Upstreams.Mapping);

        services.AddUpstream(Upstreams.Visits);
        services.AddClient<IVisitScheduler>(Upstreams.Visits);

        services.AddUpstream(Upstreams.Sentencing).AddHttpMessageHandler(() => new MediaTypeHandler("application/vnd.nomis-offence+json"));
        services.AddClient<ISentencingAdjustments>(Upstreams.Sentencing);

        services.AddUpstream(Upstreams.Finance);
        services.AddClient<IPrisonerFinance>(Upstreams.Finance);

        return services;
    }

    private static void AddSettings(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = new UpstreamConfiguration(configuration);
        services.AddSingleton<IConfigureOptions<UpstreamOptions>>(settings);
        services.AddSingleton<IValidateOptions<UpstreamOptions>>(settings);
        services.AddSingleton<IConfigureOptions<AuthOptions>>(settings);
        services.AddSingleton<IValidateOptions<AuthOptions>>(settings);
        services.AddOptions<AuthOptions>().ValidateOnStart();
    }

    private static void AddTokens(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpClient(AccessTokens.HttpClientName)
            .RemoveAllLoggers()
            .UseConnections()
            .ConfigureHttpClient((provider, client) => client.Timeout = provider.GetRequiredService<IOptions<AuthOptions>>().Value.Timeout);
    }

    /// <summary>One HttpClient an upstream, shared by the interfaces of all its domains.</summary>
    private static IHttpClientBuilder AddUpstream(this IServiceCollection services, string upstream)
    {
        services.AddOptions<UpstreamOptions>(upstream).ValidateOnStart();
        services.AddKeyedSingleton(upstream, (provider, _) => ActivatorUtilities.CreateInstance<AccessTokens>(provider, upstream));

        // In the order in which a request passes them.
        var client = services.AddHttpClient(upstream).RemoveAllLoggers();
        client.AddHttpMessageHandler(provider => new ReadRetryHandler(provider.GetRequiredService<TimeProvider>()));
        client.AddHttpMessageHandler(provider => new BearerTokenHandler(provider.GetRequiredKeyedService<AccessTokens>(upstream)));
        client.AddHttpMessageHandler(() => new WholeAnswerHandler());
        client.ConfigureHttpClient((provider, http) =>
        {
            var options = provider.GetRequiredService<IOptionsMonitor<UpstreamOptions>>().Get(upstream);
            http.BaseAddress = options.BaseUrl;
            http.Timeout = options.Timeout;
        });
        return client;
    }

    private static void AddClient<TClient>(this IServiceCollection services, string upstream)
        where TClient : class =>
        // Refit sets a primary handler of its own, so ours comes after it.
        services.AddRefitGeneratedClient<TClient>(_ => ClientSettings.Refit, upstream).UseConnections();

    private static IHttpClientBuilder UseConnections(this IHttpClientBuilder client) => client
        .ConfigurePrimaryHttpMessageHandler(Connections.NewHandler)
        // Connections have a lifetime of their own.
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
}
