using Migration.Contracts;

namespace Migration.Sagas.Domains;

/// <summary>The domains of this process, by name and by wire type.</summary>
public sealed class DomainRegistry(IEnumerable<IMigrationDomain> domains)
{
    readonly Dictionary<string, IMigrationDomain> _byName = domains.ToDictionary(x => x.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<IMigrationDomain> All => _byName.Values;

    /// <exception cref="KeyNotFoundException">No such domain is registered.</exception>
    public IMigrationDomain this[string name] => _byName[name];

    /// <summary>Null when the type has no migration in this service.</summary>
    public IMigrationDomain? Find(MigrationType type) => _byName.Values.FirstOrDefault(x => x.Type == type);
}
