using Microsoft.AspNetCore.Http;
using Migration.Simulator;

namespace Migration.Tests.Service;

/// <summary>Holds requests of an operation, or those of it that are about one record of NOMIS, before their effect or after it, until they are released.</summary>
sealed class HeldRequests : IDisposable
{
    readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly IDisposable _interception;
    int _arrived;

    public HeldRequests(Estate estate, string operation, bool afterTheirEffect = false, long? nomisId = null) => _interception = estate.OnRequest(
        x => x.Operation == operation && (nomisId is null || x.NomisId == nomisId),
        async (http, takeEffect) =>
        {
            Interlocked.Increment(ref _arrived);
            if (afterTheirEffect)
                await takeEffect();
            await _release.Task.WaitAsync(http.RequestAborted);
            if (!afterTheirEffect)
                await takeEffect();
        });

    /// <summary>Requests that came so far, released ones included.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    /// <summary>Those that are held go on; later ones are not held.</summary>
    public void Release() => _release.TrySetResult();

    public void Dispose()
    {
        Release();
        _interception.Dispose();
    }
}
