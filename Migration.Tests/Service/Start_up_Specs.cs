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
        await using var services = Services(connectionString);

        await DatabaseMigrator.MigrateAsync(services);

        Assert.That(await ReadAsync<long>(connectionString, "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"), Is.Zero);
    }

    [Test]
    public async Task Should_bring_the_schema_up_to_date_once_when_pods_start_together()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync();
        await using ServiceProvider first = Services(connectionString), second = Services(connectionString), third = Services(connectionString);

        await Task.WhenAll(DatabaseMigrator.MigrateAsync(first), DatabaseMigrator.MigrateAsync(second), DatabaseMigrator.MigrateAsync(third));

        Assert.That(await ReadAsync<long>(connectionString, "select count(*) - count(distinct \"MigrationId\") from migration.schema_history"), Is.Zero);
    }

    [Test]
    public async Task Should_not_work_beside_pods_of_another_protocol()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync();
        await using var services = Services(connectionString);
        await DatabaseMigrator.MigrateAsync(services);
        await ReadAsync<int>(connectionString, "update migration.protocol set number = 99 returning number");

        Assert.That(async () => await DatabaseMigrator.MigrateAsync(services), Throws.InvalidOperationException.With.Message.Contains("protocol 99"));
        Assert.That(await ReadAsync<int>(connectionString, "select number from migration.protocol"), Is.EqualTo(99));
    }

    [Test]
    public async Task Should_refuse_nobody_because_the_auth_service_failed_when_it_was_asked_for_its_keys()
    {
        await using var world = await World.StartAsync(new EstateOptions { Visits = 1 });
        var failures = 3;
        using var failing = world.Estate.OnRequest(x => x.Operation == Operations.GetKeys, async (http, takeEffect) =>
        {
            if (Interlocked.Decrement(ref failures) >= 0)
                http.Response.StatusCode = 500;
            else
                await takeEffect();
        });
        await using var host = await ServiceHost.StartAsync(world);

        await host.GetAsync("/migrate/history/active/VISITS");

        Assert.That(failures, Is.LessThan(0));
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
    [TestCase("Engine:StepDeadline", "00:00:30", "Engine:StepDeadline (00:00:30) is shorter than the calls of a record")]
    [TestCase("Engine:SettleTime", "00:00:05", "Engine:SettleTime (00:00:05) is shorter than the longest time-out")]
    [TestCase("Engine:RenewEvery", "00:00:15", "Engine:RenewEvery must be at most half of Engine:Lease")]
    [TestCase("ConnectionStrings:Migration", "", "Set ConnectionStrings__Migration")]
    public async Task Should_not_start_with_a_setting_that_cannot_work(string key, string value, string message)
    {
        await using var world = await World.StartAsync(new EstateOptions { Visits = 1 });

        Assert.That(async () => await ServiceHost.StartAsync(world, new Dictionary<string, string?> { [key] = value }), Throws.Exception.With.Message.Contains(message));
    }

    static ServiceProvider Services(string connectionString) => new ServiceCollection().AddLogging()
        .AddDbContext<MigrationDbContext>(x => x.UseNpgsql(connectionString, npgsql => npgsql.MigrationsHistoryTable("schema_history", MigrationDbContext.Schema)))
        .BuildServiceProvider();

    static async Task<T> ReadAsync<T>(string connectionString, string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(connectionString + ";Application Name=other");
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!; // each has a row
    }

    static EngineOptions Bind(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(x => KeyValuePair.Create(x.Key, (string?)x.Value))).Build();
        return new ServiceCollection().AddOptions<EngineOptions>().Bind(configuration.GetSection("Engine")).Services.BuildServiceProvider().GetRequiredService<IOptions<EngineOptions>>().Value;
    }
}
