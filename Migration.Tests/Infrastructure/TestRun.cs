using Migration.Tests.Infrastructure;

namespace Migration.Tests;

/// <summary>Runs once round all tests of the assembly.</summary>
[SetUpFixture]
public sealed class TestRun
{
    [OneTimeTearDown]
    public Task StopServers() => TestPostgres.StopAsync();
}
