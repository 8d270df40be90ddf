using Watch = System.Diagnostics.Stopwatch;

namespace Migration.Sagas.Syncs.Steps;

/// <summary>
/// A time that a duration is measured from, by stopwatch and by clock. The longer of the two is believed: a process that was
/// frozen must not trust a timer that froze with it.
/// </summary>
sealed record Moment(long Stopwatch, DateTimeOffset Clock)
{
    public static Moment Now(TimeProvider time) => new(Watch.GetTimestamp(), time.GetUtcNow());

    public TimeSpan Elapsed(TimeProvider time)
    {
        var (byStopwatch, byClock) = (Watch.GetElapsedTime(Stopwatch), time.GetUtcNow() - Clock);
        return byStopwatch > byClock ? byStopwatch : byClock;
    }
}
