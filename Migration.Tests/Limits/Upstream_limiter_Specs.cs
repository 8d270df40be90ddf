using System.Net;
using Microsoft.Extensions.Time.Testing;
using Migration.Sagas.Limits;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Limits;

public class Upstream_limiter_Specs
{
    static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    FakeTimeProvider _time = null!; // set before each test
    UpstreamLimiter _limiter = null!; // set before each test

    [SetUp]
    public void NewLimiter()
    {
        _time = new FakeTimeProvider();
        _limiter = new UpstreamLimiter(_time);
        _limiter.Apply(new UpstreamBounds(2, 40), isPaused: false);
    }

    [Test]
    public void Should_begin_at_its_highest()
    {
        Assert.That(Enter(40), Is.EqualTo(40));
        Assert.That((_limiter.TryEnter(), _limiter.LimitedBy), Is.EqualTo((false, LimitedBy.Nothing)));
    }

    [Test]
    public void Should_obey_bounds_that_change_while_work_is_going()
    {
        Enter(40);
        _limiter.Apply(new UpstreamBounds(2, 10), isPaused: false);
        Leave(31);
        Assert.That((_limiter.TryEnter(), _limiter.TryEnter()), Is.EqualTo((true, false)));

        _limiter.Apply(new UpstreamBounds(2, 12), isPaused: false);
        Assert.That(Enter(40), Is.EqualTo(2));
    }

    [Test]
    public void Should_take_less_while_answers_are_slow_and_more_again_when_they_are_not()
    {
        Enter(40);
        Answer(Quick, seconds: 3);
        Assert.That(_limiter.Limit, Is.EqualTo(40));

        Answer(TimeSpan.FromMilliseconds(900), seconds: 2);
        var slow = _limiter.Limit;
        Assert.That(slow, Is.LessThanOrEqualTo(28));
        Answer(TimeSpan.FromMilliseconds(900), seconds: 20);
        Assert.That(_limiter.Limit, Is.EqualTo(2), "never below its lowest");

        Answer(Quick, seconds: 400);
        Assert.That(_limiter.Limit, Is.EqualTo(40));
    }

    [TestCase(5)]
    [TestCase(200)]
    public void Should_not_take_differences_of_a_busy_machine_for_congestion(int milliseconds)
    {
        Enter(40);
        Answer(TimeSpan.FromMilliseconds(0.3), seconds: 3);
        Answer(TimeSpan.FromMilliseconds(milliseconds), seconds: 20);
        Assert.That(_limiter.Limit, Is.EqualTo(40));
    }

    [Test]
    public void Should_leave_an_upstream_alone_for_as_long_as_it_asks()
    {
        _limiter.TryEnter();
        for (var refusals = 0; refusals < 3; refusals++)
        {
            Assert.That(_limiter.LimitedBy, Is.EqualTo(LimitedBy.Nothing), "one refusal among many answers is the matter of its call");
            _limiter.Answered(HttpStatusCode.TooManyRequests, Quick, TimeSpan.FromSeconds(30));
        }
        Assert.That((_limiter.TryEnter(), _limiter.LimitedBy), Is.EqualTo((false, LimitedBy.UpstreamHealth)));

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.That(_limiter.TryEnter(), Is.False);
        _time.Advance(Second);
        Assert.That(_limiter.TryEnter(), Is.True);
    }

    [TestCase(429)]
    [TestCase(503)]
    public void Should_take_less_when_it_is_refused(int status)
    {
        Enter(40);
        for (var second = 0; second < 3; second++)
        {
            _time.Advance(Second);
            _limiter.Answered((HttpStatusCode)status, Quick, retryAfter: null);
            _limiter.Answered((HttpStatusCode)status, Quick, retryAfter: null); // of the same moment
        }
        Assert.That(_limiter.Limit, Is.InRange(13, 14), "a third less three times");
    }

    [Test]
    public async Task Should_probe_an_upstream_that_gives_no_answer_with_one_piece_of_work()
    {
        Enter(10);
        for (var call = 0; call < 10; call++)
            _limiter.NotAnswered();
        Leave(10);
        Assert.That((_limiter.IsDown, _limiter.MayPoll, _limiter.TryEnter()), Is.EqualTo((true, false, false)));

        foreach (var distance in new[] { 1, 1, 2, 4, 8, 16, 30, 30 })
        {
            _time.Advance(TimeSpan.FromSeconds(distance - 0.1));
            Assert.That((_limiter.MayPoll, _limiter.TryEnter()), Is.EqualTo((false, false)), $"before {distance} s");
            _time.Advance(TimeSpan.FromSeconds(0.1));
            Assert.That((_limiter.MayPoll, _limiter.TryEnter(), _limiter.TryEnter(), _limiter.MayPoll), Is.EqualTo((true, true, false, false)));
            _limiter.NotAnswered();
            _limiter.Leave();
        }

        _time.Advance(TimeSpan.FromSeconds(30));
        var first = _limiter.EnterAsync(isLive: false, default);
        var second = _limiter.EnterAsync(isLive: false, default);
        Assert.That((first.IsCompletedSuccessfully || await Ends(first), second.IsCompleted), Is.EqualTo((true, false)));
        _limiter.Answered(HttpStatusCode.NotFound, Quick, retryAfter: null);
        await Ends(second);
        Assert.That((_limiter.IsDown, _limiter.MayPoll, _limiter.Limit), Is.EqualTo((false, true, 3)), "few at first");
        for (var answers = 0; answers < 100; answers++)
        {
            Enter(40);
            _limiter.Answered(HttpStatusCode.OK, Quick, retryAfter: null);
        }
        Assert.That(_limiter.Limit, Is.EqualTo(40), "and soon as many as before");
    }

    [Test]
    public void Should_not_count_work_that_asked_nothing_as_a_probe()
    {
        Enter(10);
        for (var call = 0; call < 10; call++)
            _limiter.NotAnswered();
        Leave(10);
        _time.Advance(Second);

        for (var work = 0; work < 5; work++)
        {
            Assert.That((_limiter.TryEnter(), _limiter.TryEnter()), Is.EqualTo((true, false)), "one at a time");
            _limiter.Leave();
        }

        _limiter.TryEnter();
        _limiter.NotAnswered();
        _limiter.Leave();
        Assert.That(_limiter.MayPoll, Is.False);
        _time.Advance(Second);
        Assert.That(_limiter.MayPoll, Is.True, "its distance has not grown");
    }

    [Test]
    public void Should_not_take_errors_of_records_for_an_upstream_that_is_down()
    {
        Enter(1);
        for (var call = 0; call < 100; call++)
            _limiter.Answered(call % 2 == 0 ? HttpStatusCode.InternalServerError : HttpStatusCode.BadRequest, Quick, retryAfter: null);
        Assert.That((_limiter.IsDown, _limiter.Limit), Is.EqualTo((false, 40)));
    }

    [Test]
    public async Task Should_let_live_changes_go_first_and_bulk_work_have_every_fourth_slot()
    {
        _limiter.Apply(new UpstreamBounds(1, 1), isPaused: false);
        Enter(1);
        var order = new List<string>();
        var waiting = new List<Task>();
        foreach (var name in new[] { "bulk 1", "bulk 2", "live 1", "live 2", "live 3", "live 4", "live 5" })
            waiting.Add(EnterAsync(name));
        Assert.That(_limiter.LimitedBy, Is.EqualTo(LimitedBy.OwnLimit));

        for (var slot = 1; slot <= waiting.Count; slot++)
        {
            _limiter.Leave();
            await Eventually.IsTrue(() => order.Count == slot);
        }
        Assert.That(order, Is.EqualTo(new[] { "live 1", "live 2", "live 3", "bulk 1", "live 4", "live 5", "bulk 2" }));

        async Task EnterAsync(string name)
        {
            await _limiter.EnterAsync(name.StartsWith("live", StringComparison.Ordinal), default);
            order.Add(name);
        }
    }

    [Test]
    public async Task Should_hold_no_slot_at_one_upstream_while_another_is_waited_for()
    {
        var (first, last) = (new UpstreamLimiter(_time), new UpstreamLimiter(_time));
        var set = new UpstreamSet([first, _limiter, last]);
        _limiter.Apply(new UpstreamBounds(1, 1), isPaused: false);
        Enter(1);
        var entering = set.EnterAsync(isLive: false, TimeSpan.FromHours(1), default).AsTask();
        Assert.That((first.InUse, last.InUse, entering.IsCompleted), Is.EqualTo((0, 0, false)));

        last.Apply(new UpstreamBounds(1, 1), isPaused: false);
        last.TryEnter();
        _limiter.Leave();
        await Eventually.IsTrue(() => _limiter.InUse == 0); // it got its slot, met the next that is full, and gave it back
        Assert.That((first.InUse, entering.IsCompleted), Is.EqualTo((0, false)));

        last.Leave();
        using (await Eventually.Ends(entering))
            Assert.That((first.InUse, _limiter.InUse, last.InUse), Is.EqualTo((1, 1, 1)));
        Assert.That((first.InUse, _limiter.InUse, last.InUse), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public async Task Should_grant_nothing_while_it_is_paused_and_hold_nothing_for_who_gave_up()
    {
        _limiter.Apply(new UpstreamBounds(1, 1), isPaused: true);
        Assert.That((_limiter.TryEnter(), _limiter.MayPoll, _limiter.LimitedBy), Is.EqualTo((false, false, LimitedBy.Paused)));
        var set = new UpstreamSet([new UpstreamLimiter(_time), _limiter]);
        using var end = new CancellationTokenSource();
        var entering = set.EnterAsync(isLive: false, TimeSpan.FromHours(1), end.Token).AsTask();
        await end.CancelAsync();
        Assert.That(await Eventually.Ends(entering), Is.Null);

        _limiter.Apply(new UpstreamBounds(1, 1), isPaused: false);
        using (var slots = await set.EnterAsync(isLive: false, TimeSpan.Zero, default))
            Assert.That((slots is not null, _limiter.InUse, set.LimitedBy), Is.EqualTo((true, 1, LimitedBy.Nothing)));
        Assert.That(_limiter.InUse, Is.Zero);
        Assert.That(set.MayPoll, Is.True);
    }

    int Enter(int times) => Enumerable.Range(0, times).Count(_ => _limiter.TryEnter());

    void Leave(int times)
    {
        for (var time = 0; time < times; time++)
            _limiter.Leave();
    }

    // A hundred answers a second, with as much work under way as is allowed.
    void Answer(TimeSpan took, int seconds)
    {
        for (var answer = 0; answer < seconds * 100; answer++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            while (_limiter.TryEnter())
            {
                // all that may be
            }
            while (_limiter.InUse > Math.Max(1, _limiter.Limit))
                _limiter.Leave();
            _limiter.Answered(HttpStatusCode.OK, took, retryAfter: null);
        }
    }

    static async Task<bool> Ends(Task task)
    {
        await Eventually.Ends(task);
        return true;
    }
}
