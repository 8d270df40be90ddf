using System.Collections.Immutable;

namespace Migration.Simulator.Http;

/// <summary>What an interceptor is asked about.</summary>
/// <param name="Upstream">One of <see cref="Simulator.Upstream"/>.</param>
/// <param name="Operation">Name of the operation, such as <c>migrate-visit</c>: see <see cref="Operations"/>.</param>
/// <param name="NomisId">NOMIS id of the record that the request is about, where one can be told; also for the creation of a record.</param>
public sealed record EstateRequest(string Upstream, string Operation, string Method, string Path, long? NomisId);

/// <summary>Tests that stand between a request and its effect.</summary>
internal sealed class Interceptors
{
    private ImmutableList<Interceptor> _all = [];

    public bool Any => !_all.IsEmpty;

    public IDisposable Add(Func<EstateRequest, bool> predicate, Func<HttpContext, Func<Task>, Task> handler)
    {
        var interceptor = new Interceptor(this, predicate, handler);
        ImmutableInterlocked.Update(ref _all, all => all.Add(interceptor));
        return interceptor;
    }

    /// <summary>The newest interceptor that wants the request, or null.</summary>
    public Func<HttpContext, Func<Task>, Task>? For(EstateRequest request) =>
        _all.LastOrDefault(interceptor => interceptor.Predicate(request))?.Handler;

    private sealed class Interceptor(Interceptors owner, Func<EstateRequest, bool> predicate, Func<HttpContext, Func<Task>, Task> handler) : IDisposable
    {
        public Func<EstateRequest, bool> Predicate => predicate;

        public Func<HttpContext, Func<Task>, Task> Handler => handler;

        public void Dispose() => ImmutableInterlocked.Update(ref owner._all, all => all.Remove(this));
    }
}
