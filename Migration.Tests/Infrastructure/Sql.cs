using Npgsql;

namespace Migration.Tests.Infrastructure;

/// <summary>Statements of a test, with positional parameters.</summary>
static class Sql
{
    public static async Task<int> ExecuteAsync(this NpgsqlDataSource source, string sql, params object[] parameters)
    {
        await using var command = Command(source, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>For a column that is never null.</summary>
    public static async Task<T> ScalarAsync<T>(this NpgsqlDataSource source, string sql, params object[] parameters)
    {
        await using var command = Command(source, sql, parameters);
        return (T)(await command.ExecuteScalarAsync())!; // as the summary says
    }

    /// <summary>The first column of every row.</summary>
    public static async Task<string[]> ListAsync(this NpgsqlDataSource source, string sql, params object[] parameters)
    {
        await using var command = Command(source, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return [.. rows];
    }

    public static NpgsqlCommand Command(NpgsqlDataSource source, string sql, params object[] parameters)
    {
        var command = source.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }
}
