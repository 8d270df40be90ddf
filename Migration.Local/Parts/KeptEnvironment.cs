using System.Text.Json;
using Migration.Local.Postgres;

namespace Migration.Local.Parts;

/// <summary>An environment that was left up: written down in the temporary folder, one a user.</summary>
static class KeptEnvironment
{
    static string File => Path.Combine(Path.GetTempPath(), $"migration-local-{Environment.UserName}.json");

    public static void Write(LocalAddresses addresses) => System.IO.File.WriteAllText(File, JsonSerializer.Serialize(addresses));

    /// <summary>Null when nothing was left up, or not all of it is alive any more.</summary>
    public static LocalAddresses? Find() => Read() is { } addresses && addresses.Processes.All(stage => stage.All(x => x.IsAlive)) ? addresses : null;

    /// <summary>False when nothing was left up.</summary>
    public static async Task<bool> StopAsync()
    {
        if (Read() is not { } addresses)
            return false;
        await ProcessEnd.StopAsync(addresses.Processes);
        if (addresses.SharedServer is { } server)
            await (await PostgresServer.StartAsync(new PostgresOptions(ConnectionString: server))).DropDatabaseAsync(addresses.DatabaseName);
        if (Directory.Exists(addresses.Folder))
            Directory.Delete(addresses.Folder, recursive: true);
        System.IO.File.Delete(File);
        return true;
    }

    static LocalAddresses? Read()
    {
        if (!System.IO.File.Exists(File))
            return null;
        try
        {
            return JsonSerializer.Deserialize<LocalAddresses>(System.IO.File.ReadAllText(File));
        }
        catch (JsonException)
        {
            return null; // of another version: what it left up is not ours to guess at
        }
    }
}
