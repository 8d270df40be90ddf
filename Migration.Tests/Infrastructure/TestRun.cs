using Migration.Tests.Infrastructure;

/// <summary>Runs once round all tests of the assembly (it has no namespace on purpose).</summary>
[SetUpFixture]
public sealed class TestRun
{
    [OneTimeTearDown]
    public Task StopServers() => TestPostgres.StopAsync();
}
