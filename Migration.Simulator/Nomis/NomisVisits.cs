using System.Collections.Concurrent;

namespace Migration.Simulator.Nomis;

/// <summary>
/// All visits of NOMIS, made up when they are asked for: each depends on the seed and its number only, so a million cost no memory.
/// </summary>
/// <remarks>
/// Creation times rise by the same whole number of seconds from visit to visit. So the creation time that a request to the visit scheduler
/// carries names the NOMIS visit which it was made from.
/// </remarks>
public sealed class NomisVisits
{
    private const int YearsBack = 10;

    private static readonly CodeDescription Social = new("SCON", "Social Contact");
    private static readonly CodeDescription Official = new("OFFI", "Official Visit");
    private static readonly CodeDescription Scheduled = new("SCH", "Scheduled");
    private static readonly CodeDescription Cancelled = new("CANC", "Cancelled");

    private static readonly CodeDescription[] PastStatuses =
    [
        new("NORM", "Normal Completion"), new("NORM", "Normal Completion"), new("NORM", "Normal Completion"), new("COMP", "Completed"), new("EXP", "Expired"),
        new("HMPOP", "Terminated By Staff"), new("OFFEND", "Offender Completed Early"), new("VDE", "Visitor Declined Entry"), new("VISITOR", "Visitor Completed Early"),
        new("SCH", "Scheduled"),
    ];

    private static readonly CodeDescription[] Outcomes =
    [
        new("ADMIN", "Administrative Cancellation"), new("HMP", "Operational Reasons-All Visits Cancelled"), new("NO_ID", "No Identification - Refused Entry"),
        new("NSHOW", "Visitor Did Not Arrive"), new("OFFCANC", "Offender Cancelled"), new("REFUSED", "Offender Refused Visit"), new("VISCANC", "Visitor Cancelled"),
        new("VO_CANCEL", "Visit Order Cancelled"), new("NO_VO", "No Visiting Order"), new("BATCH_CANC", "Batch Cancellation"),
    ];

    private static readonly CodeDescription UnknownOutcome = new("LOCKDOWN", "LOCKDOWN");

    private static readonly string[] FirstNames = ["Vince", "Amy", "James", "Zoë", "Mohammed", "Siân", "Grace", "Oluwaseun"];
    private static readonly string[] LastNames = ["Hoyland", "Flack", "O'Neill", "Smith-Jones", "Begum", "Müller", "Evans", "Kowalska"];
    private static readonly string[] Users = ["XQB12T_GEN", "HQJ44K_GEN", "OMS_OWNER", "PRISONER_MANAGER_API"];

    private readonly EstateOptions _options;
    private readonly DateTime _firstCreated;
    private readonly DateTime _today;
    private readonly int _secondsApart;
    private readonly IReadOnlyList<IReadOnlyList<Room>> _rooms;
    private readonly ConcurrentDictionary<long, NomisVisit?> _changed = new();

    public NomisVisits(EstateOptions options)
    {
        _options = options;
        _today = options.Today.ToDateTime(TimeOnly.MinValue);
        _firstCreated = _today.AddYears(-YearsBack);
        _secondsApart = Math.Max(1, (int)((_today - _firstCreated).TotalSeconds / Math.Max(1, options.Visits)));
        _rooms = Rooms.Of(options.Clean);
    }

    /// <summary>How many there were at the start; ids are 1 to this.</summary>
    public int Count => _options.Visits;

    public IReadOnlyList<IReadOnlyList<Room>> RoomsByPrison => _rooms;

    /// <summary>Null when there is no such visit.</summary>
    public NomisVisit? Find(long visitId)
    {
        if (visitId < 1 || visitId > Count)
            return null;
        return !_changed.IsEmpty && _changed.TryGetValue(visitId, out var changed) ? changed : Make((int)visitId - 1);
    }

    /// <summary>Changes a visit, as a user of NOMIS would. Lists of ids go on showing its former prison and type.</summary>
    public void Change(long visitId, Func<NomisVisit, NomisVisit> change) =>
        _changed[visitId] = change(Find(visitId) ?? throw new ArgumentOutOfRangeException(nameof(visitId), visitId, "There is no such visit."));

    /// <summary>Deletes a visit. Lists of ids go on naming it, like a page that was read before.</summary>
    public void Remove(long visitId) => _changed[visitId] = null;

    public void Restore() => _changed.Clear();

    /// <summary>What the rules of the services make of a visit.</summary>
    public VisitFate FateOf(NomisVisit visit)
    {
        var start = DateOnly.FromDateTime(visit.Start);
        var needsRoom = start >= _options.Today && start <= _options.Today.AddYears(1);
        if (needsRoom && visit.Room?.VsipId is null)
            return VisitFate.NoRoom;
        if (visit.Outcome == UnknownOutcome)
            return VisitFate.UnknownCode;
        if (visit.Type == Official)
            return VisitFate.Official;
        return start > _options.Today.AddMonths(6) ? VisitFate.TooFarAhead : VisitFate.Migrated;
    }

    /// <summary>The visit that a record of the visit scheduler was made from; null when it was made from none.</summary>
    public long? IdOf(string prisonerId, DateTime created)
    {
        var seconds = (long)Math.Floor((created - _firstCreated).TotalSeconds);
        var index = seconds / _secondsApart;
        return seconds >= 0 && seconds % _secondsApart == 0 && index < Count && OffenderNo((int)index) == prisonerId ? index + 1 : null;
    }

    /// <summary>First index created at or after a time.</summary>
    internal int FirstIndexFrom(DateTime time) => FirstIndexWhere(index => Created(index) >= time);

    /// <summary>First index created after a time.</summary>
    internal int FirstIndexAfter(DateTime time) => FirstIndexWhere(index => Created(index) > time);

    internal string PrisonOf(int index) => Rooms.Prisons[Below(Rooms.Prisons.Count, index, Salt.Prison)];

    internal string TypeOf(int index) => TypeAt(index).Code;

    private int FirstIndexWhere(Func<int, bool> isReached)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (isReached(middle))
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private NomisVisit Make(int index)
    {
        var created = Created(index);
        var start = Start(index, created, out var isAhead);
        var isCancelled = Fraction(index, Salt.Cancelled) < (isAhead ? 0.05 : 0.15);
        var isUnknown = Fraction(index, Salt.UnknownOutcome) < Share(_options.UnknownOutcomeShare);
        var prison = Below(Rooms.Prisons.Count, index, Salt.Prison);
        var visitors = Visitors(index);
        var isModified = isCancelled || Fraction(index, Salt.Modified) < 0.4;

        return new NomisVisit
        {
            VisitId = index + 1,
            OffenderNo = OffenderNo(index),
            PrisonId = Rooms.Prisons[prison],
            Start = start,
            End = start.AddMinutes(45 + (15 * Below(6, index, Salt.Length))),
            Type = TypeAt(index),
            Status = isCancelled ? Cancelled : isAhead ? Scheduled : PastStatuses[Below(PastStatuses.Length, index, Salt.Status)],
            Outcome = isUnknown ? UnknownOutcome : isCancelled ? Outcomes[Below(Outcomes.Length, index, Salt.Outcome)] : null,
            Room = Fraction(index, Salt.NoRoom) < Share(_options.NoRoomShare) ? null : _rooms[prison][Below(_rooms[prison].Count, index, Salt.Room)],
            Visitors = visitors,
            Lead = visitors.Length > 0 && Fraction(index, Salt.Lead) < 0.9 ? Lead(visitors[0]) : null,
            Comment = Fraction(index, Salt.Comment) < 0.2 ? "Booked by telephone, visitor needs step-free access" : null,
            Concern = Fraction(index, Salt.Concern) < 0.05 ? "Visitor asked not to be seated near the entrance" : null,
            CreatedBy = Users[Below(3, index, Salt.CreatedBy)],
            ModifiedBy = isModified ? Users[Below(Users.Length, index, Salt.ModifiedBy)] : null,
            Created = created,
            Updated = isModified ? created.AddMinutes(1 + Below(5000, index, Salt.Updated)) : null,
        };
    }

    private DateTime Created(int index) =>
        _firstCreated.AddSeconds((long)index * _secondsApart).AddTicks(10L * Below(1_000_000, index, Salt.CreatedMicroseconds));

    /// <summary>Most lie within four weeks of their creation; those ahead were, for the sake of the rising creation times, created at any time.</summary>
    private DateTime Start(int index, DateTime created, out bool isAhead)
    {
        var kind = Fraction(index, Salt.When);
        var farAhead = Share(_options.FarFutureShare);
        isAhead = kind < farAhead + _options.FutureShare;
        var timeOfDay = TimeSpan.FromMinutes((9 * 60) + (15 * Below(28, index, Salt.TimeOfDay)));
        if (kind < farAhead)
            return _today.AddDays(190 + Below(400, index, Salt.Day)) + timeOfDay;
        if (isAhead)
            return _today.AddDays(1 + Below(42, index, Salt.Day)) + timeOfDay;
        var day = created.Date.AddDays(1 + Below(28, index, Salt.Day));
        return (day < _today ? day : _today.AddDays(-1)) + timeOfDay;
    }

    private CodeDescription TypeAt(int index) => Fraction(index, Salt.Type) < Share(_options.OfficialShare) ? Official : Social;

    private string OffenderNo(int index)
    {
        var number = Below(80_000, index, Salt.Prisoner);
        return string.Create(7, number, static (text, n) =>
        {
            text[0] = 'A';
            for (var position = 4; position >= 1; position--, n /= 10)
                text[position] = (char)('0' + (n % 10));
            text[5] = (char)('A' + (n % 26));
            text[6] = 'Y';
        });
    }

    private long[] Visitors(int index)
    {
        var visitors = new long[1 + Below(3, index, Salt.Visitors)];
        for (var i = 0; i < visitors.Length; i++)
            visitors[i] = 4_700_000 + Below(200_000, index, Salt.FirstVisitor + i);
        return visitors;
    }

    private static LeadVisitor Lead(long personId)
    {
        var name = $"{FirstNames[personId % FirstNames.Length]} {LastNames[personId / 7 % LastNames.Length]}";
        string[] telephones = (personId % 3) switch
        {
            0 => [],
            1 => ["0114 496 0000"],
            _ => ["07700 900123", "0114 496 0000 ext 12"],
        };
        return new LeadVisitor(personId, name, telephones);
    }

    private double Share(double share) => _options.Clean ? 0 : share;

    private double Fraction(int index, int salt) => Random64.Fraction(_options.Seed, index, salt);

    private int Below(int limit, int index, int salt) => Random64.Below(limit, _options.Seed, index, salt);

    private static class Salt
    {
        public const int Prison = 1;
        public const int Type = 2;
        public const int When = 3;
        public const int Day = 4;
        public const int TimeOfDay = 5;
        public const int Length = 6;
        public const int Status = 7;
        public const int Cancelled = 8;
        public const int Outcome = 9;
        public const int UnknownOutcome = 10;
        public const int NoRoom = 11;
        public const int Room = 12;
        public const int Lead = 13;
        public const int Comment = 14;
        public const int Concern = 15;
        public const int CreatedBy = 16;
        public const int Modified = 17;
        public const int ModifiedBy = 18;
        public const int Updated = 19;
        public const int Prisoner = 20;
        public const int CreatedMicroseconds = 21;
        public const int Visitors = 22;
        public const int FirstVisitor = 30;
    }
}
