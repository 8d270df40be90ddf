using DotNet.Testcontainers.Builders;
using Testcontainers.PostgreSql;

namespace Migration.Local.Postgres;

/// <summary>Postgres in Docker, for machines that have an engine and no binaries.</summary>
sealed class PostgresContainer : PostgresServer
{
    readonly PostgreSqlContainer _container;

    PostgresContainer(PostgreSqlContainer container) => _container = container;

    public override string AdminConnectionString => _container.GetConnectionString() + ";Include Error Detail=true";

    public static async Task<PostgresContainer> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var container = new PostgreSqlBuilder("postgres:16-alpine").WithCommand("-c", "max_connections=300").Build();
            await container.StartAsync(cancellationToken);
            return new PostgresContainer(container);
        }
        catch (DockerUnavailableException exception)
        {
            throw new PostgresUnavailableException(
                "No Postgres found. Install it (Debian, Ubuntu: apt-get install -y postgresql), or set PG_BIN to the folder of its programs, "
                + "or start a Docker engine, or give a superuser's connection string in MIGRATION_POSTGRES.", exception);
        }
    }

    public override ValueTask DisposeAsync() => _container.DisposeAsync();
}
