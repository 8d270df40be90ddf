using Npgsql;

namespace Migration.Api;

/// <summary>Where Postgres is: a connection string, or the settings of the deployment (spec: engine 8.6).</summary>
static class DatabaseConnection
{
    /// <exception cref="InvalidOperationException">Neither is set.</exception>
    public static string From(IConfiguration configuration)
    {
        if (configuration.GetConnectionString("Migration") is { Length: > 0 } connectionString)
            return connectionString;
        if (configuration["DATABASE_ENDPOINT"] is not { Length: > 0 } endpoint || configuration["DATABASE_NAME"] is not { Length: > 0 } name)
            throw new InvalidOperationException("Set ConnectionStrings__Migration, or DATABASE_ENDPOINT (host:port) and DATABASE_NAME with DATABASE_USERNAME and DATABASE_PASSWORD.");

        var parts = endpoint.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = parts[0],
            Port = parts.Length == 2 ? int.Parse(parts[1]) : 5432,
            Database = name,
            Username = configuration["DATABASE_USERNAME"] ?? configuration["SPRING_R2DBC_USERNAME"],
            Password = configuration["DATABASE_PASSWORD"] ?? configuration["SPRING_R2DBC_PASSWORD"],
            SslMode = SslMode.VerifyFull,
        }.ConnectionString;
    }
}
