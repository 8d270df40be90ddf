namespace Migration.Simulator.Mapping;

/// <summary>A row of the mapping service: which DPS transaction stands for which NOMIS transaction.</summary>
public sealed record TransactionMapping(
    long NomisKey, string DpsId, long? BookingId, string? OffenderNo, string? Label, string MappingType, DateTime WhenCreated) : IPair<long>;
