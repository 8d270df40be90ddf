using Migration.Tests.Infrastructure;

// Fixtures that may run beside others wait more than they work: two more of them at a time than the two cores they are written for.
[assembly: LevelOfParallelism(4)]

namespace Migration.Tests;

/// <summary>Runs once round all tests of the assembly.</summary>
[SetUpFixture]
public sealed class TestRun
{
    [OneTimeTearDown]
    public Task StopServers() => TestPostgres.StopAsync();
}
