namespace Migration.Sagas.Domains;

/// <summary>The domains of this process whose changes are synchronised, by name.</summary>
public sealed class SyncDomainRegistry(IEnumerable<ISyncDomain> domains)
{
    readonly Dictionary<string, ISyncDomain> _byName = domains.ToDictionary(x => x.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<ISyncDomain> All => _byName.Values;

    /// <exception cref="KeyNotFoundException">No such domain is registered.</exception>
    public ISyncDomain this[string name] => _byName[name];
}
