using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.Clients;

/// <summary>A client of one kind, and the upstream that it talks to, new for every test.</summary>
internal abstract class ClientFixture<TClient>
    where TClient : class
{
    private ServiceProvider _services = null!; // set before each test

    protected StubUpstreams Upstream { get; private set; } = null!; // set before each test

    protected TClient Client { get; private set; } = null!; // set before each test

    [SetUp]
    public async Task Start()
    {
        Upstream = await StubUpstreams.StartAsync();
        Reconfigure();
    }

    [TearDown]
    public async Task Stop()
    {
        await _services.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    protected void Reconfigure(TimeProvider? time = null, params (string Key, string? Value)[] settings)
    {
        _services?.Dispose();
        _services = Upstream.NewClients(time, settings);
        Client = _services.GetRequiredService<TClient>();
    }
}
