using Migration.Contracts;

namespace Migration.Sagas.Runs;

/// <summary>Another run of the domain is active; nothing was stored.</summary>
public sealed class RunInProgressException(MigrationType type) : Exception($"{type} migration is already in progress");
