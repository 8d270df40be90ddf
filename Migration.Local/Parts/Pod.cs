namespace Migration.Local.Parts;

/// <summary>One process of the service.</summary>
sealed class Pod
{
    readonly string _name;
    readonly string _folder;
    readonly Dictionary<string, string?> _settings;

    Pod(string name, Uri address, Dictionary<string, string?> settings, string folder)
    {
        (_name, Address, _settings, _folder) = (name, address, settings, folder);
        Process = Start();
    }

    public Uri Address { get; }

    public ChildProcess Process { get; private set; }

    public static Pod Start(string name, Uri address, Dictionary<string, string?> settings, string folder) => new(name, address, settings, folder);

    /// <summary>As a machine that loses its power: nothing is finished, nothing is given back.</summary>
    public async Task KillAndStartAsync()
    {
        await Process.KillAsync();
        Process = Start();
    }

    ChildProcess Start() => ChildProcess.Start(_name, "Migration.Api", _folder, [], _settings);
}
