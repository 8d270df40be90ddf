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

    /// <summary>The clock goes forward by a minute at every look, as nobody knows when what is waited for has begun to wait.</summary>
    protected Task EventuallyInMinutes(Func<bool> condition, string what) => Eventually(() =>
    {
        Clock.Advance(TimeSpan.FromMinutes(1));
        return condition();
    }, what);

    async Task TickAsync()
    {
        while (!_isOver)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5);
        }
    }
}
