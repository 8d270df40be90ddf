using Migration.Simulator.Nomis;

namespace Migration.Simulator;

/// <summary>How an upstream misbehaves. Rates are shares of its requests, 0 to 1.</summary>
public sealed record UpstreamFaults
{
    /// <summary>Before anything happens.</summary>
    public int LatencyMs { get; init; }

    /// <summary>500 or 503, and nothing happened.</summary>
    public double ErrorRate { get; init; }

    /// <summary>No answer until the client gives up; half of these requests take effect.</summary>
    public double TimeoutRate { get; init; }

    /// <summary>The request takes effect, then the connection is cut.</summary>
    public double LostResponseRate { get; init; }

    /// <summary>The connection is cut and nothing happened.</summary>
    public double ResetRate { get; init; }

    /// <summary>429 with Retry-After.</summary>
    public double ThrottleRate { get; init; }

    public int RetryAfterSeconds { get; init; } = 1;

    /// <summary>
    /// Of the mapping service: share of its conflicts that do not tell the row in the way, as when two requests meet in the database.
    /// </summary>
    public double BlindConflictRate { get; init; }

    /// <summary>Of the finance API: share of the rows of a transaction that cannot be posted this time.</summary>
    public double RowFailureRate { get; init; }

    /// <summary>A share that is spread evenly over all of the above but latency and time-outs.</summary>
    public double FailRate { get; init; }

    internal Fault Pick(double dice)
    {
        var each = FailRate / 4;
        ReadOnlySpan<(double Rate, Fault Fault)> faults =
        [
            (ErrorRate + each, Fault.Error),
            (LostResponseRate + each, Fault.LostResponse),
            (ResetRate + each, Fault.Reset),
            (ThrottleRate + each, Fault.Throttle),
            (TimeoutRate, Fault.Timeout),
        ];
        foreach (var (rate, fault) in faults)
        {
            if (dice < rate)
                return fault;
            dice -= rate;
        }

        return Fault.None;
    }
}

internal enum Fault
{
    None,
    Error,
    Timeout,
    LostResponse,
    Reset,
    Throttle,
}

/// <summary>The fault knobs of all upstreams; may be turned at any time.</summary>
public sealed class Faults
{
    private const int RollSalt = 50;

    private readonly int _seed;
    private readonly Dictionary<string, Knob> _knobs;

    internal Faults(int seed, UpstreamFaults initial)
    {
        _seed = seed;
        _knobs = new[] { Upstream.Nomis, Upstream.Mapping, Upstream.Visits, Upstream.Auth, Upstream.Sentencing, Upstream.Finance }
            .Select((upstream, salt) => (upstream, salt)).ToDictionary(entry => entry.upstream, entry => new Knob(entry.salt) { Setting = initial });
    }

    public UpstreamFaults Nomis
    {
        get => _knobs[Upstream.Nomis].Setting;
        set => _knobs[Upstream.Nomis].Setting = value;
    }

    public UpstreamFaults Mapping
    {
        get => _knobs[Upstream.Mapping].Setting;
        set => _knobs[Upstream.Mapping].Setting = value;
    }

    public UpstreamFaults Visits
    {
        get => _knobs[Upstream.Visits].Setting;
        set => _knobs[Upstream.Visits].Setting = value;
    }

    public UpstreamFaults Sentencing
    {
        get => _knobs[Upstream.Sentencing].Setting;
        set => _knobs[Upstream.Sentencing].Setting = value;
    }

    public UpstreamFaults Finance
    {
        get => _knobs[Upstream.Finance].Setting;
        set => _knobs[Upstream.Finance].Setting = value;
    }

    public UpstreamFaults Auth
    {
        get => _knobs[Upstream.Auth].Setting;
        set => _knobs[Upstream.Auth].Setting = value;
    }

    /// <summary>Sets all upstreams to the same.</summary>
    public void All(UpstreamFaults setting)
    {
        foreach (var knob in _knobs.Values)
            knob.Setting = setting;
    }

    public IReadOnlyDictionary<string, UpstreamFaults> Settings => _knobs.ToDictionary(knob => knob.Key, knob => knob.Value.Setting);

    /// <summary>Sets those that are named; <c>all</c> names all, and comes first.</summary>
    /// <exception cref="ArgumentException">A name that is none.</exception>
    public void Set(IReadOnlyDictionary<string, UpstreamFaults> settings)
    {
        foreach (var name in settings.Keys.Where(name => name != "all" && !_knobs.ContainsKey(name)))
            throw new ArgumentException($"There is no upstream {name}: use {string.Join(", ", Upstream.All)} or all.");
        if (settings.TryGetValue("all", out var all))
            All(all);
        foreach (var (name, setting) in settings.Where(setting => setting.Key != "all"))
            _knobs[name].Setting = setting;
    }

    /// <summary>The fault of an upstream's next request, decided by the seed and by how many went before.</summary>
    internal (Fault Fault, UpstreamFaults Setting, long Number) Next(string upstream)
    {
        var knob = _knobs[upstream];
        var number = Interlocked.Increment(ref knob.Requests);
        var setting = knob.Setting;
        return (setting.Pick(Random64.Fraction(_seed, number, knob.Salt)), setting, number);
    }

    internal bool IsConflictBlind() => Rolls(_knobs[Upstream.Mapping], setting => setting.BlindConflictRate);

    internal bool IsRowFailing() => Rolls(_knobs[Upstream.Finance], setting => setting.RowFailureRate);

    private bool Rolls(Knob knob, Func<UpstreamFaults, double> rate) =>
        rate(knob.Setting) is > 0 and var share && Random64.Fraction(_seed, Interlocked.Increment(ref knob.Rolls), knob.Salt + RollSalt) < share;

    private sealed class Knob(int salt)
    {
        public long Requests;

        public long Rolls;

        /// <summary>So that upstreams do not fail in step.</summary>
        public int Salt => salt;

        public volatile UpstreamFaults Setting = new();
    }
}
