using System.Collections.Concurrent;
using System.Net;
using Migration.Clients;
using Migration.Clients.NomisMapping;
using Migration.Clients.VisitScheduler;

namespace Migration.Sagas.Domains.Visits;

/// <summary>
/// Room mappings, kept for a minute: a run asks for the same few hundred rooms again and again. A missing mapping is kept
/// for a few seconds only, since an operator may be adding it right now.
/// </summary>
public sealed class VisitRooms(IVisitMappings mappings, TimeProvider time)
{
    const int MaxRooms = 10_000;
    static readonly TimeSpan KeepFound = TimeSpan.FromMinutes(1);
    static readonly TimeSpan KeepMissing = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<(string PrisonId, string Description), (VisitRoom? Room, DateTimeOffset Until)> _known = new();

    /// <summary>Done with the room, or the answer that says why not; 404 means that the room is not mapped.</summary>
    public async Task<Answer<VisitRoom>> FindAsync(string prisonId, string description, CancellationToken cancellationToken)
    {
        var key = (prisonId, description);
        if (_known.TryGetValue(key, out var known) && known.Until > time.GetUtcNow())
            return known.Room is { } kept ? Found(kept) : Missing();

        var answer = await Answers.Of(Upstreams.Mapping, ct => mappings.FindRoom(prisonId, description, ct), cancellationToken);
        if (_known.Count >= MaxRooms)
            _known.Clear();
        var room = answer.Select(x => new VisitRoom(x.VsipId, x.IsOpen ? VisitRestriction.Open : VisitRestriction.Closed));
        if (room.IsDone)
            _known[key] = (room.Body, time.GetUtcNow() + KeepFound);
        else if (room.IsRefusedWith(HttpStatusCode.NotFound))
            _known[key] = (null, time.GetUtcNow() + KeepMissing);
        return room;
    }

    static Answer<VisitRoom> Found(VisitRoom room) => new(AnswerKind.Done, HttpStatusCode.OK, room, null, Upstreams.Mapping, null);

    static Answer<VisitRoom> Missing() => new(AnswerKind.Refused, HttpStatusCode.NotFound, null, null, Upstreams.Mapping, "mapping answered 404");
}
