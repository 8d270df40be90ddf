using Migration.Tests.Infrastructure;

// Fixtures that may run beside others wait more than they work: one more of them at a time than the two cores they are written for. With two more nothing ends sooner,
// and what measures times or waits for a process is starved now and then.
[assembly: LevelOfParallelism(3)]

namespace Migration.Tests;

/// <summary>Runs once round all tests of the assembly.</summary>
[SetUpFixture]
public sealed class TestRun
{
    [OneTimeTearDown]
    public Task StopServers() => TestPostgres.StopAsync();
}
