namespace Migration.Sagas.Persistence;

/// <summary>The time by the database's clock, which every pod shares. Read once a message: what a transition writes has one time.</summary>
public sealed class DatabaseTime(MigrationDbContext database)
{
    DateTimeOffset? _now;

    public async Task<DateTimeOffset> NowAsync() => _now ??= await database.ValueAsync<DateTimeOffset>($"select clock_timestamp()");
}
