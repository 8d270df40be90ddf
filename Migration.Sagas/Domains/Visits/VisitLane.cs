namespace Migration.Sagas.Domains.Visits;

/// <summary>The lane of a visit, for runs and syncs alike.</summary>
static class VisitLane
{
    public static string Of(string visitId) => "visit/" + visitId;
}
