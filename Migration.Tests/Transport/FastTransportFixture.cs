using Microsoft.Extensions.Time.Testing;

namespace Migration.Tests.Transport;

/// <summary>A fixture whose time passes about twenty times as fast, for endpoint and buses alike; a test may also put the clock forward.</summary>
public abstract class FastTransportFixture : TransportFixture
{
    volatile bool _isOver;

    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    protected override TimeProvider Time => Clock;

    [OneTimeSetUp]
    public void StartClock() => _ = TickAsync();

    [OneTimeTearDown]
    public void StopClock() => _isOver = true;

    async Task TickAsync()
    {
        while (!_isOver)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5);
        }
    }
}
