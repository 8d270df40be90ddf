using Npgsql;

namespace Migration.Tests.Infrastructure;

public class PostgresServer_Specs
{
    [Test]
    public async Task Should_give_each_fixture_a_database_of_its_own()
    {
        var first = await TestPostgres.CreateDatabaseAsync();
        var second = await TestPostgres.CreateDatabaseAsync();

        await Execute(first, "create table only_here()");

        Assert.That(await Execute(second, "select to_regclass('only_here')::text"), Is.EqualTo(DBNull.Value));
    }

    static async Task<object?> Execute(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
