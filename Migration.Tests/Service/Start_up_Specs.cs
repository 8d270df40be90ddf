using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Simulator;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service;

/// <summary>What a pod does before it works.</summary>
sealed class Start_up_Specs
{
    [Test]
    public async Task Should_hand_the_lock_of_the_schema_to_the_next_pod_at_once()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync();
        await using var services = new ServiceCollection().AddLogging()
            .AddDbContext<MigrationDbContext>(x => x.UseNpgsql(connectionString, npgsql => npgsql.MigrationsHistoryTable("schema_history", MigrationDbContext.Schema)))
            .BuildServiceProvider();

        await DatabaseMigrator.MigrateAsync(services);

        await using var other = Npgsql.NpgsqlDataSource.Create(connectionString + ";Application Name=other");
        await using var command = other.CreateCommand("select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())");
        Assert.That(await command.ExecuteScalarAsync(), Is.Zero);
    }

    [Test]
    public void Should_take_the_back_off_of_the_configuration_instead_of_its_own()
    {
        var options = Bind(("Engine:BackOff:0", "00:00:05"), ("Engine:BackOff:1", "00:01:00"));

        Assert.That(options.BackOffOrDefault, Is.EqualTo(new[] { TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1) }));
    }

    [Test]
    public void Should_wait_a_second_four_times_when_the_configuration_says_nothing() => // engine 75 to 81: the service's own list
        Assert.That(Bind().BackOffOrDefault, Is.EqualTo(Enumerable.Repeat(TimeSpan.FromSeconds(1), 4)));

    [TestCase("API_BASE_URL_NOMIS", "", "API_BASE_URL_NOMIS is not set")]
    [TestCase("API_TIMEOUT", "60", "API_TIMEOUT is '60', which is not a duration")]
    [TestCase("Engine:MaxAttempts", "0", "MaxAttempts")]
    [TestCase("Engine:RenewEvery", "00:00:15", "Engine:RenewEvery must be at most half of Engine:Lease")]
    [TestCase("ConnectionStrings:Migration", "", "Set ConnectionStrings__Migration")]
    public async Task Should_not_start_with_a_setting_that_cannot_work(string key, string value, string message)
    {
        await using var world = await World.StartAsync(new EstateOptions { Visits = 1 });

        Assert.That(async () => await ServiceHost.StartAsync(world, new Dictionary<string, string?> { [key] = value }), Throws.Exception.With.Message.Contains(message));
    }

    static EngineOptions Bind(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(x => KeyValuePair.Create(x.Key, (string?)x.Value))).Build();
        return new ServiceCollection().AddOptions<EngineOptions>().Bind(configuration.GetSection("Engine")).Services.BuildServiceProvider().GetRequiredService<IOptions<EngineOptions>>().Value;
    }
}
