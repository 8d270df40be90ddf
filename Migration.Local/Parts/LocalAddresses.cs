using Npgsql;

namespace Migration.Local.Parts;

/// <summary>Where the parts of a local environment are, and which processes they are.</summary>
/// <param name="Pods">Each process of the service.</param>
/// <param name="Estate">NOMIS, mapping service, DPS services and auth, one path each.</param>
/// <param name="Sqs">The queue endpoint.</param>
/// <param name="Database">Connection string of the service's database.</param>
/// <param name="SharedServer">Connection string of a Postgres that was there before and stays: only its database is removed. Null when the server is ours.</param>
/// <param name="Processes">Everything that was started, in the stages in which it is to be stopped; the service's processes are the first.</param>
/// <param name="Folder">Files of this environment, to be removed with it.</param>
sealed record LocalAddresses(
    IReadOnlyList<Uri> Pods, Uri Estate, Uri Sqs, string Database, string? SharedServer, IReadOnlyList<IReadOnlyList<ProcessIdentity>> Processes, string Folder)
{
    public string DatabaseName => new NpgsqlConnectionStringBuilder(Database).Database!; // ours has one
}
