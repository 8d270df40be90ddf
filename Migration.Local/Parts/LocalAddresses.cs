namespace Migration.Local.Parts;

/// <summary>Where the parts of a local environment are, and which processes they are.</summary>
/// <param name="Pods">Each process of the service.</param>
/// <param name="Estate">NOMIS, mapping service, visit scheduler and auth, one path each.</param>
/// <param name="Sqs">The queue endpoint.</param>
/// <param name="Database">Connection string of the service's database.</param>
/// <param name="PodProcesses">Process ids of the service.</param>
/// <param name="Processes">Process ids of everything that was started, in the order in which it is to be stopped.</param>
/// <param name="Folder">Files of this environment, to be removed with it.</param>
sealed record LocalAddresses(
    IReadOnlyList<Uri> Pods, Uri Estate, Uri Sqs, string Database, IReadOnlyList<int> PodProcesses, IReadOnlyList<int> Processes, string Folder);
