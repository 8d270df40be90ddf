using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Migration.Simulator;

namespace Migration.Tests.Service;

/// <summary>NOMIS lists the visits 1 to a number, whatever the filter; each request is kept as it was written.</summary>
sealed class ListedVisits : IDisposable
{
    readonly ConcurrentQueue<string> _targets = new();
    readonly IDisposable _interception;

    public ListedVisits(Estate estate, int count) => _interception = estate.OnRequest(x => x.Operation == Operations.GetVisitIds, async (http, _) =>
    {
        _targets.Enqueue(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var (page, size) = (Number("page"), Number("size"));
        var ids = Enumerable.Range(1, count).Skip(page * size).Take(size);
        await http.Response.WriteAsJsonAsync(new
        {
            content = ids.Select(x => new { visitId = x }),
            pageable = new { },
            totalElements = count,
            totalPages = (count + size - 1) / size,
            number = page,
            size,
        });

        int Number(string name) => int.Parse(http.Request.Query[name].ToString(), CultureInfo.InvariantCulture);
    });

    /// <summary>Path and query of each request, in order, as sent.</summary>
    public IReadOnlyList<string> Targets => [.. _targets];

    public void Dispose() => _interception.Dispose();
}
