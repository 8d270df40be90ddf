namespace Migration.Sagas.Persistence;

/// <summary>SQL files that are compiled into this assembly.</summary>
static class SqlResource
{
    /// <param name="name">File name with its folder, dots between: <c>Persistence.Schema.0001_ledger.sql</c>.</param>
    public static string Read(string name)
    {
        using var stream = typeof(SqlResource).Assembly.GetManifestResourceStream("Migration.Sagas." + name)
            ?? throw new InvalidOperationException($"SQL resource {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
