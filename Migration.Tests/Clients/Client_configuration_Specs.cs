using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Migration.Clients;
using Migration.Clients.Configuration;

namespace Migration.Tests.Clients;

internal sealed class Client_configuration_Specs
{
    private static readonly Dictionary<string, string?> Complete = new()
    {
        ["API_BASE_URL_HMPPS_AUTH"] = "http://localhost/auth",
        ["API_BASE_URL_NOMIS"] = "http://localhost/nomis",
        ["API_BASE_URL_MAPPING"] = "http://localhost/mapping",
        ["API_BASE_URL_VISITS"] = "http://localhost/visits",
        ["API_BASE_URL_SENTENCING"] = "http://localhost/sentencing",
        ["API_BASE_URL_FINANCE"] = "http://localhost/finance",
        ["NOMIS_PRISONER_API_CLIENT_ID"] = "id",
        ["NOMIS_PRISONER_API_SECRET"] = "secret",
        ["NOMIS_MAPPING_API_CLIENT_ID"] = "id",
        ["NOMIS_MAPPING_API_SECRET"] = "secret",
        ["VISITS_CLIENT_ID"] = "id",
        ["VISITS_CLIENT_SECRET"] = "secret",
        ["SENTENCING_CLIENT_ID"] = "id",
        ["SENTENCING_CLIENT_SECRET"] = "secret",
        ["FINANCE_CLIENT_ID"] = "id",
        ["FINANCE_CLIENT_SECRET"] = "secret",
    };

    [Test]
    public void Should_start_when_everything_is_set() => Assert.That(() => Start(), Throws.Nothing);

    [TestCase("API_BASE_URL_HMPPS_AUTH", "the base URL of HMPPS Auth")]
    [TestCase("API_BASE_URL_NOMIS", "the base URL of the NOMIS prisoner API")]
    [TestCase("API_BASE_URL_MAPPING", "the base URL of the mapping service")]
    [TestCase("API_BASE_URL_VISITS", "the base URL of the visit scheduler")]
    [TestCase("API_BASE_URL_SENTENCING", "the base URL of the adjustments API")]
    [TestCase("API_BASE_URL_FINANCE", "the base URL of the prisoner finance API")]
    [TestCase("NOMIS_PRISONER_API_CLIENT_ID", "the client id")]
    [TestCase("NOMIS_PRISONER_API_SECRET", "the secret")]
    [TestCase("NOMIS_MAPPING_API_CLIENT_ID", "the client id")]
    [TestCase("NOMIS_MAPPING_API_SECRET", "the secret")]
    [TestCase("VISITS_CLIENT_ID", "the client id")]
    [TestCase("VISITS_CLIENT_SECRET", "the secret")]
    [TestCase("SENTENCING_CLIENT_ID", "the client id")]
    [TestCase("SENTENCING_CLIENT_SECRET", "the secret")]
    [TestCase("FINANCE_CLIENT_ID", "the client id")]
    [TestCase("FINANCE_CLIENT_SECRET", "the secret")]
    public void Should_say_at_the_start_what_is_missing(string key, string whatToSet) =>
        Assert.That(() => Start((key, null)), Throws.InstanceOf<OptionsValidationException>().With.Message.Contains($"{key} is not set. Set it to {whatToSet}"));

    [TestCase("API_BASE_URL_NOMIS", "localhost:8080")]
    [TestCase("API_TIMEOUT", "60")]
    [TestCase("API_MAPPING_TIMEOUT", "soon")]
    [TestCase("API_AUTH_TIMEOUT", "-1s")]
    public void Should_say_at_the_start_what_is_wrong(string key, string value) =>
        Assert.That(() => Start((key, value)), Throws.Exception.With.Message.Contains($"{key} is '").Or.Message.Contains($"{key} is not a URL"));

    [TestCase(null, 60, 10, 90)]
    [TestCase("45s", 45, 45, 45)]
    [TestCase("00:00:45", 45, 45, 45)]
    [TestCase("1.5m", 90, 90, 90)]
    [TestCase("500ms", 0.5, 0.5, 0.5)]
    public void Should_know_how_long_to_wait(string? setting, double nomis, double mapping, double dps)
    {
        using var services = Services(("API_TIMEOUT", setting), ("API_MAPPING_TIMEOUT", setting));

        Assert.That(
            new[] { Upstreams.Nomis, Upstreams.Mapping, Upstreams.Visits, Upstreams.Sentencing, Upstreams.Finance }.Select(upstream => services.GetRequiredService<IOptionsMonitor<UpstreamOptions>>().Get(upstream).Timeout.TotalSeconds),
            Is.EqualTo(new[] { nomis, mapping, dps, dps, dps }));
    }

    private static void Start(params (string Key, string? Value)[] settings)
    {
        using var services = Services(settings);
        services.GetRequiredService<IStartupValidator>().Validate();
    }

    private static ServiceProvider Services(params (string Key, string? Value)[] settings)
    {
        var values = new Dictionary<string, string?>(Complete);
        foreach (var (key, value) in settings)
            values[key] = value;
        var services = new ServiceCollection();
        services.AddMigrationClients(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        return services.BuildServiceProvider();
    }
}
