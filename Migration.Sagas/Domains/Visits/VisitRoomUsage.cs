using System.Net;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;
using Migration.Sagas.Runs.Discovery;

namespace Migration.Sagas.Domains.Visits;

/// <summary>Which rooms future visits use and how they are mapped (spec: visits 9): to find rooms that still lack a mapping.</summary>
public sealed class VisitRoomUsage(INomisVisits nomis, VisitRooms rooms)
{
    /// <summary>By prison, then room description.</summary>
    /// <exception cref="UpstreamException">NOMIS or the mapping service failed.</exception>
    public async Task<IReadOnlyList<RoomUsageRow>> ListAsync(IReadOnlyList<string> prisonIds, IReadOnlyList<string> visitTypes, DateTime? from, DateTime? to,
        CancellationToken cancellationToken)
    {
        var usage = await Answers.Of(Upstreams.Nomis, ct => nomis.GetRoomUsage(prisonIds, visitTypes, from, to, ct), cancellationToken);
        if (!usage.IsDone)
            throw UpstreamException.From(usage);

        var rows = new List<RoomUsageRow>(usage.Body.Count);
        foreach (var row in usage.Body)
        {
            var room = await rooms.FindAsync(row.PrisonId, row.AgencyInternalLocationDescription, cancellationToken);
            if (!room.IsDone && !room.IsRefusedWith(HttpStatusCode.NotFound))
                throw UpstreamException.From(room);
            rows.Add(new RoomUsageRow(row.AgencyInternalLocationDescription, row.Count, row.PrisonId, room.Body?.Name));
        }
        return [.. rows.OrderBy(x => x.PrisonId, StringComparer.Ordinal).ThenBy(x => x.AgencyInternalLocationDescription, StringComparer.Ordinal)];
    }
}

/// <summary>One room; <see cref="VsipRoom"/> is null when it has no mapping.</summary>
public sealed record RoomUsageRow(string AgencyInternalLocationDescription, long Count, string PrisonId, string? VsipRoom);
